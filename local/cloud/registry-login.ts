import { ECR } from '@aws-sdk/client-ecr';
import type { CloudDescription } from './description';
import type { RegistryAddress } from '../images/push';

/** The login of ECR, which every client of its registry asks for. The embedded registry ignores it. */
export async function loginTo(cloud: CloudDescription): Promise<RegistryAddress> {
  const { endpoint, region, credentials } = cloud;
  const { authorizationData = [] } = await new ECR({ endpoint, region, credentials }).getAuthorizationToken(
    {},
  );
  const [{ proxyEndpoint, authorizationToken } = {}] = authorizationData;
  if (proxyEndpoint === undefined || authorizationToken === undefined) {
    throw new Error('ECR answered GetAuthorizationToken without a token and the address of its registry');
  }
  return { base: proxyEndpoint, authorization: `Basic ${authorizationToken}` };
}

/** What `docker login` writes, for programs that read it: `config.json`. */
export async function dockerConfig(cloud: CloudDescription): Promise<string> {
  const { authorization } = await loginTo(cloud);
  return JSON.stringify({ auths: { [cloud.registryHost]: { auth: authorization!.replace(/^Basic /, '') } } });
}
