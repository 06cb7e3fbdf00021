import { createHash } from 'node:crypto';
import { fakeRegister } from './fakes';
import { statusLines } from '../../../cli/stack/status';
import { summarise, type Verdict } from '../../../src/core/evidence/verdict';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withFailedScan, withStatement, withTag, withVerdict } from '../../../src/core/register/transitions';
import { nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { listImages } from '../../../use-cases/deployed-trust/list-images';
import { HOSTILE } from '../../core/support/hostile';
import { failing, IMAGE, minutes, NOW, scanId, verdict, violation } from '../../core/support/made';
import { LocalKey, signedRow } from '../../core/support/signing';

const ENVELOPE = signedRow(new LocalKey('ours')).statement!.envelope;
const image = (digit: string) => IMAGE.replace(/[0-9a-f]{64}$/, digit.repeat(64));

/** A register and the evidence that it points at. */
class Records {
  public readonly rows: RegisterRow[] = [];
  private readonly objects = new Map<string, Uint8Array>();
  public readonly evidence = { read: async (key: string) => this.objects.get(key) };

  public judged(of: Verdict, changes: (row: RegisterRow) => RegisterRow = row => row): void {
    const bytes = Buffer.from(JSON.stringify(of));
    const evidenceKey = `verdicts/${of.image}.json`;
    this.objects.set(evidenceKey, bytes);
    const summary = summarise(
      of,
      { evidenceKey, sha256: createHash('sha256').update(bytes).digest('hex') },
      5,
    );
    this.rows.push(changes(withVerdict({ ...newRow(of.image), kind: 'image' }, summary)));
  }

  public async status(notes: string[] = [], now = NOW) {
    return listImages(
      fakeRegister(...this.rows).rowsOf(),
      { evidence: this.evidence, note: line => notes.push(line) },
      now,
    );
  }
}

const signed = (row: RegisterRow) =>
  withStatement(row, { verdictId: row.verdict!.verdictId, envelope: ENVELOPE }, undefined);
const DEADLINE = { ...violation(), since: NOW.toISOString(), due: minutes(60).toISOString() };

test('tells of each image what stands in the register, the newest first, and the deadlines of its verdict', async () => {
  const records = new Records();
  records.judged(verdict({ image: image('a'), deadlines: [DEADLINE] }), row => withTag(signed(row), 'v1'));
  records.judged(
    failing({
      image: image('b'),
      scannedAt: minutes(5).toISOString(),
      evaluatedAt: minutes(5).toISOString(),
    }),
  );
  expect(await records.status()).toMatchObject([
    { image: image('b'), outcome: 'FAIL', signed: false, violations: 1, deadlines: [] },
    { image: image('a'), outcome: 'PASS', signed: true, tags: ['v1'], deadlines: [{ id: 'CVE-1' }] },
  ]);
});

test.each<[string, RegisterRow, string]>([
  ['nobody judged it', { ...newRow(IMAGE), kind: 'image' }, 'PENDING'],
  [
    'its scan was indeterminate',
    withFailedScan(
      { ...newRow(IMAGE), kind: 'image' },
      nextFailedScan(undefined, { cause: 'UNSCANNABLE', detail: 'x' }, NOW),
    ),
    'ERROR',
  ],
])('%s: %s', async (_, row, outcome) => {
  const records = new Records();
  records.rows.push(row);
  expect(await records.status()).toMatchObject([{ outcome, signed: false, deadlines: [] }]);
});

test('a PASS that has expired is none any more, and one that is signed for the verdict before is not signed', async () => {
  const records = new Records();
  records.judged(verdict(), row => ({ ...row, statement: { verdictId: scanId(7), envelope: ENVELOPE } }));
  expect(await records.status([], minutes(73 * 60))).toMatchObject([{ outcome: 'EXPIRED', signed: false }]);
});

test('signatures and other attachments are no images', async () => {
  const records = new Records();
  records.rows.push({ ...newRow(IMAGE), kind: 'attachment' });
  expect(await records.status()).toEqual([]);
});

test('where the evidence cannot be read, deadlines are unknown, and the rest is told all the same', async () => {
  const [records, notes] = [new Records(), [] as string[]];
  records.judged(verdict({ deadlines: [DEADLINE] }));
  records.evidence.read = async () => {
    throw Object.assign(new Error('no'), { name: 'AccessDenied' });
  };
  const images = await records.status(notes);
  expect(images[0]).not.toHaveProperty('deadlines');
  expect(statusLines(images)[1]).toMatch(/ \? /);
  expect(notes).toEqual(['some deadlines are not shown: AccessDenied: no']);
});

test.each(HOSTILE)('%j as a tag or an id is shown as visible characters', async text => {
  const records = new Records();
  records.judged(verdict({ deadlines: [{ ...DEADLINE, id: text }] }), row =>
    withTag(row, text.slice(0, 128)),
  );
  for (const line of statusLines(await records.status())) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  }
});

test('a held FAIL says until when gates admit it, and nothing of it when that is over', async () => {
  const records = new Records();
  const held = {
    verdictId: scanId(1),
    since: NOW.toISOString(),
    pulledAt: NOW.toISOString(),
    until: minutes(60).toISOString(),
    because: 'x',
  };
  records.judged(failing(), row => ({ ...row, held }));
  const [found] = await records.status();
  expect(found).toMatchObject({ outcome: 'FAIL', heldUntil: held.until });
  expect(statusLines([found!]).join('\n')).toContain('FAIL (held until 2026-11-25 03:00Z)');
  const [later] = await records.status([], minutes(60));
  expect(later).not.toHaveProperty('heldUntil');
});
