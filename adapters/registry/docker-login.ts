import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../src/core/text/json';
import { Seconds } from '../../src/core/times';
import { findProgram } from '../programs/find-program';
import { cleanEnvironment } from '../programs/trivy-environment';

export interface Login {
  readonly user: string;
  readonly password: string;
}

const DockerConfig = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
      }),
    )
    .optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
const Answer = z.object({ Username: z.string(), Secret: z.string() });

/**
 * How Docker's own configuration says that this user logs in to a registry; undefined where it says nothing.
 */
export async function dockerLogin(
  host: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Login | undefined> {
  const folder =
    environment.DOCKER_CONFIG ?? join(environment.HOME ?? environment.USERPROFILE ?? '', '.docker');
  const config = DockerConfig.safeParse(
    parseJson(await readFile(join(folder, 'config.json'), 'utf8').catch(() => '')),
  );
  if (!config.success) return undefined;
  const { auths = {}, credHelpers = {}, credsStore } = config.data;
  const names =
    host === 'docker.io'
      ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io']
      : [host, `https://${host}`];
  for (const name of names) {
    const helper =
      credHelpers[name] ?? (credsStore === undefined || credsStore === '' ? undefined : credsStore);
    const login =
      helper === undefined ? undefined : await askHelper(helper, name, cleanEnvironment(environment));
    if (login !== undefined) return login;
    const { auth, username, password } = auths[name] ?? {};
    if (username !== undefined && password !== undefined) return { user: username, password };
    const decoded = Buffer.from(auth ?? '', 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon > 0) return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  return undefined;
}

/** @see https://github.com/docker/docker-credential-helpers */
function askHelper(
  helper: string,
  name: string,
  environment: Record<string, string>,
): Promise<Login | undefined> {
  if (!/^[\w.-]{1,64}$/.test(helper)) return Promise.resolve(undefined); // it becomes the name of a program
  const program = findProgram(`docker-credential-${helper}`, environment);
  if (program === undefined) return Promise.resolve(undefined);
  return new Promise(resolve => {
    const child = spawn(program, ['get'], {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: Seconds.credentialHelper * 1000,
    });
    let answer = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    child.stdin.on('error', () => undefined);
    child.on('error', () => resolve(undefined));
    child.on('close', code => {
      const login = code === 0 ? Answer.safeParse(parseJson(answer)).data : undefined;
      resolve(login === undefined ? undefined : { user: login.Username, password: login.Secret });
    });
    child.stdin.end(name);
  });
}
