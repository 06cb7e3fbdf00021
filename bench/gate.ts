import { generateKeyPairSync, sign } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Figure, median, milliseconds, repeat } from './figure';
import { rulesOfDeployment } from '../src/core/gates/gate-rules';
import { newRow, RegisterRow } from '../src/core/register/row';
import { ok } from '../src/core/result';
import { DsseEnvelope, envelope, PayloadType, preAuthEncoding } from '../src/core/signing/dsse';
import { statementBytes } from '../src/core/signing/statement';
import { readVerificationKey } from '../src/core/signing/verification-key';
import { decideImages, type GateContext, type GateQuestion } from '../use-cases/gates/decide-images';

const IMAGE = `000000000000.us-east-1/team/app@sha256:${'0'.repeat(64)}`;
const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const NOW = new Date('2026-11-25T12:00:00Z');
const UNTIL = '2026-11-28T12:00:00.000Z';
const DECISIONS = 500;

/**
 * The cost of a gate without the network: reading the row, one ECDSA check, the decision; and the size of the
 * code that a cold start loads.
 */
export async function gateFigures(): Promise<Figure[]> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = readVerificationKey('bench', publicKey.export({ type: 'spki', format: 'pem' }) as string);
  if (!key.ok) throw new Error(key.error);
  const payload = statementBytes({
    image: IMAGE,
    repository: '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app',
    verdict: 'PASS',
    scanId: ID,
    policy: '',
    evaluatedAt: NOW.toISOString(),
    validUntil: UNTIL,
  });
  const stored = JSON.stringify(
    rowWith(
      envelope(
        PayloadType.statement,
        payload,
        sign('sha256', preAuthEncoding(PayloadType.statement, payload), privateKey),
      ),
    ),
  );
  const context: GateContext = {
    register: { load: async () => RegisterRow.parse(JSON.parse(stored)) },
    keys: { all: async () => [key.value] },
    policies: { policy: async () => undefined },
    now: NOW,
    evidenceBucket: 'evidence',
    pause: () => new Promise<void>(() => undefined),
    report: async () => undefined,
    say: () => undefined,
  };
  const question: GateQuestion = {
    subject: 'team/app',
    scope: 'arn:aws:cloudformation:us-east-1:000000000000:stack/app/1',
    rules: rulesOfDeployment({ enforcement: 'REFUSE', requestedAt: NOW, now: NOW, waitSeconds: 3300 }),
    showsReason: true,
    images: async () => ok([{ of: 'the image', image: IMAGE }]),
    rollback: 'NO',
  };
  const times = await repeat(5, () =>
    milliseconds(async () => {
      for (let each = 0; each < DECISIONS; each++) {
        if ((await decideImages(question, context)).step !== 'admit') {
          throw new Error("the bench's image is not trusted");
        }
      }
    }),
  );
  const bundle = statSync(join(__dirname, '../assets/lambda/gates/await-trust.lambda/index.js')).size;
  return [
    {
      name: 'gate_decision_warm_ms',
      value: median(times) / DECISIONS,
      unit: 'ms',
      against: 'one decision: row, statement, ECDSA; the network faked, so this is CPU',
    },
    {
      name: 'gate_bundle_kb',
      value: bundle / 1024,
      unit: 'KiB',
      against: 'the code of the function that waits for trust; aim ≤ 500',
    },
  ];
}

function rowWith(signed: DsseEnvelope): RegisterRow {
  return {
    ...newRow(IMAGE),
    rowVersion: 3,
    kind: 'image',
    verdict: {
      outcome: 'PASS',
      verdictId: ID,
      scanId: ID,
      scanSeq: 1,
      kind: 'scan',
      scannedAt: NOW.toISOString(),
      evaluatedAt: NOW.toISOString(),
      validUntil: UNTIL,
      counts: { CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0, UNKNOWN: 0 },
      violationCount: 0,
      databaseUpdatedAt: NOW.toISOString(),
      policyRevision: 1,
      waiverRevision: 0,
      policySha256: '',
      content: '',
      worst: [],
      evidenceKey: '',
      sha256: '',
    },
    statement: { verdictId: ID, envelope: signed },
  };
}
