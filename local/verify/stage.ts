import { randomBytes } from 'node:crypto';
import { makeKeyPair, publicKeyOf, type PublicKey, type SigningKeyPair } from './keys';
import { Register, registryOf } from './registry-and-register';
import { readSignatures, type Signed } from './signatures';
import { type Image } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { openEnvelope, PayloadType } from '../../src/core/signing/dsse';
import { RegisterStatement } from '../../src/core/signing/statement';
import type { CloudDescription } from '../cloud/description';
import { loginTo } from '../cloud/registry-login';
import { ensureRepository } from '../cloud/repositories';
import { followTrust } from '../demo/follow';
import type { Content } from '../images/content';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';
import type { QuickstartOutputs } from '../quickstart';

export type VerifyOutputs = Pick<QuickstartOutputs, 'RegisterTableName' | 'SigningKeyAlias'>;

/** The resources that the cases use. */
export interface Stage {
  readonly cloud: CloudDescription;
  readonly table: string;
  readonly register: Register;
  /** The signer's. */
  readonly key: PublicKey;
  /** This library never signs with it. */
  readonly otherKey: SigningKeyPair;
  /** Enrolled by its prefix: what is pushed here is scanned. */
  readonly enrolled: string;
  /** Not enrolled. Anyone may push here. */
  readonly elsewhere: string;
  /** An image that passed in the enrolled repository, with its signatures. */
  readonly passed: {
    readonly image: Image;
    readonly content: Content;
    readonly row: RegisterRow;
    readonly signed: Signed;
  };
}

/** Repositories and key of its own, so that a cloud can have more than one. */
export async function setStage(
  cloud: CloudDescription,
  { RegisterTableName: table, SigningKeyAlias }: VerifyOutputs,
): Promise<Stage> {
  const suffix = [...(cloud.mark === undefined ? [] : [cloud.mark.id]), randomBytes(4).toString('hex')].join(
    '-',
  );
  const enrolled = `team/app-${suffix}`;
  const elsewhere = `other/app-${suffix}`;
  for (const repository of [enrolled, elsewhere]) await ensureRepository(cloud, repository);
  const [key, otherKey] = await Promise.all([
    publicKeyOf(cloud, SigningKeyAlias),
    makeKeyPair(cloud, `alias/other-${suffix}`),
  ]);
  const content = await zooImage('clean');
  const { account, region } = cloud;
  const image = {
    account,
    region,
    repository: enrolled,
    digest: await pushImage(await loginTo(cloud), enrolled, 'passed', content),
  };
  const row = await followTrust(cloud, table, enrolled, image.digest);
  const opened = openEnvelope(row.statement!.envelope, PayloadType.statement, [key.verification]);
  if (!opened.ok) throw new Error(`the signer's own statement cannot be opened: ${opened.error}`);
  const statement = row.statement!.envelope;
  const [{ annotations: claims }] = RegisterStatement.parse(opened.value.statement).subject;
  const signed = { claims, statement, ...(await readSignatures(registryOf(cloud, enrolled), image.digest)) };
  return {
    cloud,
    table,
    register: new Register(cloud, table),
    key,
    otherKey,
    enrolled,
    elsewhere,
    passed: { image, content, row, signed },
  };
}
