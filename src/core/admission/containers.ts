import type { AdmissionRules } from './admission-rules';

/**
 * `policy.json` of containers/image, for Podman, CRI-O and Skopeo on a host. It reads the signature in
 * `sha256-<hex>.sig`, which names its repository and does not expire. Everything else is rejected: a policy
 * that accepts what it does not name accepts a copy of a refused image elsewhere.
 */
export function containersPolicy(
  { repositories }: Pick<AdmissionRules, 'repositories'>,
  pems: readonly string[],
  revoked: readonly string[],
): string {
  const signed = {
    type: 'sigstoreSigned',
    keyDatas: pems.map(pem => Buffer.from(pem).toString('base64')),
    signedIdentity: { type: 'matchRepository' },
  };
  const docker = repositories.flatMap(repository => [
    [repository, [signed]] as const,
    ...revoked.map(digest => [`${repository}@${digest}`, [{ type: 'reject' }]] as const),
  ]);
  return json({ default: [{ type: 'reject' }], transports: { docker: Object.fromEntries(docker) } });
}

/** A file for `/etc/containers/registries.d`: without it, no signature is looked for in the registry. */
export function containersRegistries(repositories: readonly string[]): string {
  return json({
    docker: Object.fromEntries(
      repositories.map(repository => [repository, { 'use-sigstore-attachments': true }]),
    ),
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
