import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { AdmissionRules } from '../../../src/core/admission/admission-rules';
import { attestationBytes } from '../../../src/core/signing/attestation';
import { summaryAttestation } from '../../../src/core/signing/verification-summary';
import { verdict } from '../support/made';
import { claims } from '../support/signing';

export const REPOSITORY = '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app';
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const IMAGE = `${REPOSITORY}@${DIGEST}`;
export const POLICY = 'c'.repeat(64);
export const ARN = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';

export const RULES: AdmissionRules = {
  name: 'trusted-images',
  repositories: [REPOSITORY],
  keys: [{ kms: ARN }],
  policies: [POLICY],
};

/** A statement of the signer, and the forgeries and replays of it that the key did not sign otherwise. */
export interface Statement {
  subject: { name: string; digest: { sha256: string } }[];
  predicate: any;
}

/** A summary that was made now, and what it says of another repository, policy or time. */
export function statement(of: { repository?: string; policy?: string; scannedAt?: Date } = {}): Statement {
  const { repository = REPOSITORY, policy = POLICY, scannedAt = new Date() } = of;
  const made = verdict({ scannedAt: scannedAt.toISOString() });
  const passed = {
    ...made,
    policy: { ...made.policy, sha256: policy },
    validUntil: '2999-01-01T00:00:00.000Z',
    scanHoldsUntil: '2999-01-01T00:00:00.000Z',
  };
  const own = { ...claims(), repository };
  const attestation = summaryAttestation(passed, own, {
    evidenceKey: 'verdicts/1.json',
    sha256: 'e'.repeat(64),
  });
  return JSON.parse(Buffer.from(attestationBytes(attestation, own)).toString()) as Statement;
}

const DAY = 86_400_000;

/** Every way in which a summary by the accepted key must not admit an image, and what is wrong with it. */
export const REPLAYS: readonly (readonly [string, Statement, string])[] = [
  ['of another repository', statement({ repository: REPOSITORY.replace('app', 'other') }), 'repository'],
  ['of a repository whose name begins alike', statement({ repository: `${REPOSITORY}-other` }), 'repository'],
  [
    'of the same repository in another account',
    statement({ repository: REPOSITORY.replace('000000000000', '111111111111') }),
    'repository',
  ],
  ['of another policy', statement({ policy: 'd'.repeat(64) }), 'policy'],
  ['that has expired', statement({ scannedAt: new Date(Date.now() - 15 * DAY) }), 'expired'],
];

interface Question {
  readonly expressions: readonly string[];
  readonly pod?: object;
  readonly oldPod?: object;
  readonly request?: object;
  readonly images?: object;
  readonly summaries?: Readonly<Record<string, { key: string; statement: Statement }>>;
  readonly variables?: readonly { name: string; expression: string }[];
}

/** The value of each expression, or its error. */
export function evaluateCel(question: Question): unknown[] {
  const answer = execFileSync(process.execPath, [join(__dirname, 'evaluate-cel.mjs')], {
    input: JSON.stringify(question),
    encoding: 'utf8',
  });
  return JSON.parse(answer) as unknown[];
}
