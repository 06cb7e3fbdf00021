import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud, emulator } from './cloud';
import { makeRole } from './cloud-fixtures';
import type { Credentials } from '../../local/cloud/aws-clients';
import { cloudEnvironment } from '../../local/cloud/description';

const BUNDLE = join(__dirname, '..', '..', 'assets', 'cli', 'trusted-images.js');

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * The command line as people run it: the bundled file, in a folder of the test's own, with nothing but an
 * environment.
 */
export class CommandLine {
  public readonly folder = mkdtempSync(join(tmpdir(), 'cli-'));

  /** `undefined` takes a variable away. */
  public run(args: readonly string[], changes: Record<string, string | undefined> = {}): Promise<Ended> {
    const { toolsFolder } = emulator();
    const all = {
      ...cloudEnvironment(cloud()),
      PATH: `${toolsFolder}:${process.env.PATH}`,
      HOME: this.folder,
      TRUSTED_IMAGES_STACK: 'Quickstart',
      ...changes,
    };
    const env = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined),
    ) as NodeJS.ProcessEnv;
    return new Promise(resolve =>
      execFile(process.execPath, [BUNDLE, ...args], { env, cwd: this.folder }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      }),
    );
  }

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of somebody who may do no more than this. */
export async function sessionWith(statements: object[]): Promise<Credentials> {
  const none = { Effect: 'Deny', Action: 'sts:GetSessionToken', Resource: '*' }; // a policy has a statement
  const { Credentials: made } = await cloud().sts.assumeRole({
    RoleArn: await makeRole('ec2.amazonaws.com', [none, ...statements]),
    RoleSessionName: 'test',
  });
  return {
    accessKeyId: made!.AccessKeyId!,
    secretAccessKey: made!.SecretAccessKey!,
    sessionToken: made!.SessionToken!,
  };
}

/** The same, for an environment. */
export async function credentialsWith(statements: object[]): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = await sessionWith(statements);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken!,
  };
}
