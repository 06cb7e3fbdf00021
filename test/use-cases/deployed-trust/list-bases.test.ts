import type { BaseRecord } from '../../../src/core/bases/base-record';
import { NO_BASES, type KnownBase } from '../../../src/core/bases/known-bases';
import { baseKey } from '../../../src/core/evidence/evidence-keys';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { digestOf } from '../../../src/core/text/sha256';
import { listBases } from '../../../use-cases/deployed-trust/list-bases';
import { base, imageIn } from '../../core/bases/made';
import { NOW, summary, verdict } from '../../core/support/made';

const APP = imageIn('team/app', 'app');
const OLD = base('old', ['1'], { day: 1, tags: ['20.11'] });
const NEW = base('new', ['2'], { day: 2, tags: ['20.12'] });
const MAJOR = base('major', ['3'], { day: 3, tags: ['22.1'] });

function row(image: string, changes: Partial<RegisterRow['verdict']> = {}): RegisterRow {
  return { ...newRow(image), verdict: { ...summary(verdict({ image })), ...changes } };
}

async function listed(
  known: readonly KnownBase[],
  rows: readonly RegisterRow[],
  record?: Partial<BaseRecord>,
) {
  const notes: string[] = [];
  const read: string[] = [];
  const app = rows.find(({ pk }) => pk === APP)!;
  const key = baseKey({ image: APP, ...app.verdict! });
  const whole = { schema: 1, image: APP, base: OLD.image, findings: 3, own: 2, ...record };
  const ports = {
    bases: { load: async () => ({ images: [...known] }) },
    evidence: {
      read: async (asked: string) => {
        read.push(asked);
        return asked === key ? Buffer.from(JSON.stringify(whole)) : undefined;
      },
    },
    note: (line: string) => void notes.push(line),
  };
  const bases = await listBases(rows, ports, NOW);
  return { base: bases.get(APP), notes, read };
}

const title = (name: string, tag: string) => `base/node:${tag}@${digestOf(name)}`;

test('a base image is outdated where a newer one of its line passes now', async () => {
  const { base: found } = await listed([OLD, NEW, MAJOR], [row(APP), row(NEW.image), row(MAJOR.image)]);
  expect(found).toEqual({
    title: title('old', '20.11'),
    findings: 3,
    own: 2,
    newer: title('new', '20.12'),
  });
});

test.each<[string, KnownBase[], RegisterRow[]]>([
  ['another line is no newer one', [OLD, MAJOR], [row(MAJOR.image)]],
  ['nor is one that does not pass', [OLD, NEW], [row(NEW.image, { outcome: 'FAIL' })]],
  ['or has expired', [OLD, NEW], [row(NEW.image, { validUntil: NOW.toISOString() })]],
  ['or is not there', [OLD, NEW], []],
])('%s', async (_, known, rows) => {
  const { base: found } = await listed(known, [row(APP), ...rows]);
  expect(found).toEqual({ title: title('old', '20.11'), findings: 3, own: 2 });
});

test('a base image that is forgotten is named by its digest, and is not called outdated', async () => {
  const { base: found } = await listed([NEW], [row(APP), row(NEW.image)]);
  expect(found).toEqual({ title: `base/node@${digestOf('old')}`, findings: 3, own: 2 });
});

test('without known base images nothing is read', async () => {
  expect((await listed(NO_BASES.images, [row(APP)])).read).toEqual([]);
});

test('a record of another image counts for nothing', async () => {
  expect((await listed([OLD], [row(APP)], { image: imageIn('team/app', 'other') })).base).toBeUndefined();
});

test('what cannot be read is told once, and leaves out only that', async () => {
  const { base: found, notes } = await listed([OLD], [row(APP)], { findings: 'many' as unknown as number });
  expect(found).toBeUndefined();
  expect(notes).toEqual([expect.stringMatching(/^some base images are not shown: ZodError: /)]);
});
