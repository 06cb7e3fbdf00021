import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnding } from './ending';
import { cosignEnvironment } from './environment';
import { Image } from '../../src/core/image/image';
import { CloudDescription } from '../cloud/description';
import { dockerConfig } from '../cloud/registry-login';
import { NOT_FOUND, run } from '../tools/command';

export interface CosignQuestion {
  /** The program, as `ensureCosign` finds it. */
  readonly cosign: string;
  readonly image: Pick<Image, 'repository' | 'digest'>;
  /** A public key's file, or `awskms:///alias/<name>`. */
  readonly key: string;
  /**
   * The claims that must be signed too. @default - none, so a signature from another repository is accepted
   */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cloud: CloudDescription;
}

export interface CosignAnswer {
  readonly accepted: boolean;
  /** The claims that were accepted, as JSON; else why not. */
  readonly output: string;
}

const REMEDIES: readonly [RegExp, (question: CosignQuestion) => string][] = [
  [
    /\bproxyconnect\b/,
    () =>
      'it asked for something outside of this machine, as the transparency log or a trust root, and must not need it',
  ],
  [/\bconnection refused\b/, ({ cloud }) => `see whether the cloud at ${cloud.endpoint} is still up`],
  [/\bloading public key\b/, ({ key }) => `see whether ${key} is the file of a public key`],
  [
    /\boperation error KMS\b/,
    ({ key }) =>
      `see whether ${key} exists in this cloud, and whether these credentials may call kms:GetPublicKey and kms:DescribeKey`,
  ],
];

/**
 * The answer of the real cosign about an image in the embedded cloud. Throws if cosign could not decide.
 */
export async function cosignVerify(
  question: CosignQuestion,
  runner: typeof run = run,
): Promise<CosignAnswer> {
  const { cosign, cloud } = question;
  const home = await mkdtemp(join(tmpdir(), 'cosign-'));
  const ask = async () => {
    if (!('socketPath' in cloud)) await logIn(cloud, home);
    return runner(cosign, verifyArguments(question), { environment: cosignEnvironment(cloud, home) });
  };
  const finished = await ask().finally(() => rm(home, { recursive: true, force: true }));
  if (finished.code === NOT_FOUND) {
    throw new Error(`there is no cosign at ${cosign}; ensureCosign gives the path of one`);
  }
  const ending = readEnding(finished);
  if (ending.kind === 'ACCEPTED') return { accepted: true, output: ending.claims };
  if (ending.kind === 'REFUSED') return { accepted: false, output: ending.reason };
  const [, remedy] = REMEDIES.find(([cause]) => cause.test(ending.reason)) ?? [];
  throw new Error(
    `cosign gave no answer about ${reference(question)}, and ended with ${finished.code}: ${ending.reason}; ${remedy?.(question) ?? `see ${cloud.logFile}`}`,
  );
}

/** As `docker login` does, in a home of the question's own. */
async function logIn(cloud: CloudDescription, home: string): Promise<void> {
  await mkdir(join(home, '.docker'), { mode: 0o700 });
  await writeFile(join(home, '.docker', 'config.json'), await dockerConfig(cloud), { mode: 0o600 });
}

/**
 * As the docs tell users to call it: nothing is in the transparency log, which cosign reads without this
 * flag.
 */
function verifyArguments(question: CosignQuestion): string[] {
  const annotations = Object.entries(question.annotations ?? {}).flatMap(([name, value]) => [
    '-a',
    `${name}=${value}`,
  ]);
  return [
    'verify',
    '--key',
    question.key,
    '--insecure-ignore-tlog=true',
    ...annotations,
    reference(question),
  ];
}

function reference({ cloud, image }: CosignQuestion): string {
  return `${cloud.registryHost}/${image.repository}@${image.digest}`;
}
