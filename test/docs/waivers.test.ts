import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { blocksOf, rowsOf, ROOT } from './markdown';
import { synthesise } from './run-block';
import { WaiverDetailType } from '../../src/core/events/waiver-events';
import { FindingRow } from '../../src/core/findings/changes';
import { Limit } from '../../src/core/limits';
import type { Result } from '../../src/core/result';
import { compileGlob } from '../../src/core/text/glob';
import { showProblem, type WaiverProblem } from '../../src/core/text/problem';
import { waiverFor, type WaiverSubject } from '../../src/core/waivers/cover';
import { EXPIRY_WARNINGS } from '../../src/core/waivers/life';
import { fromOpenVex } from '../../src/core/waivers/open-vex';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { fromTrivyIgnore } from '../../src/core/waivers/trivy-ignore';
import { WaiverEntry, WaiverLimit } from '../../src/core/waivers/waiver';
import { DIGEST, NOW } from '../core/support/made';
import { SCHEMA_FILE, waiversSchema } from '../core/waivers/schema';

const text = readFileSync(`${ROOT}/docs/waivers.md`, 'utf8');
const blocks = blocksOf({ file: 'docs/waivers.md', text });
const [good, bad] = blocks.filter(({ language }) => language === 'yaml').map(({ code }) => code);
const [answer, ignore, ignoreAnswer] = blocks
  .filter(({ language }) => language === '')
  .map(({ code }) => code);
const [vex] = blocks.filter(({ language }) => language === 'json').map(({ code }) => code);
const LIFE = { maxLifeDays: 90, now: NOW };

const schema = z.fromJSONSchema(JSON.parse(waiversSchema()) as Parameters<typeof z.fromJSONSchema>[0]);
const told = (outcome: Result<unknown, WaiverProblem[]>) =>
  outcome.ok ? '' : outcome.error.map(problem => `${showProblem(problem)}\n`).join('');
const read = (file: string) => readWaivers(file, { file: 'waivers.yaml', ...LIFE });

test('the schema is what is read with; else run npx tsx test/core/waivers/schema.ts', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(waiversSchema());
});

test('every key is explained, and no other', () => {
  expect([...rowsOf(text.slice(text.indexOf('## The file'), text.indexOf('## Patterns'))).keys()]).toEqual(
    Object.keys(WaiverEntry.shape),
  );
});

test.each(
  blocks
    .filter(({ language }) => language === 'ts')
    .map(block => [`docs/waivers.md:${block.line}`, block] as const),
)('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

describe('the example', () => {
  const outcome = read(good!);
  const waivers = outcome.ok ? outcome.value : [];
  const finding: WaiverSubject = {
    ids: ['CVE-2026-1234'],
    type: 'vulnerability',
    purl: 'pkg:deb/debian/bash@5.2.37-2?arch=amd64',
    isFixed: false,
  };

  test('is read, and agrees with the schema', () => {
    expect(told(outcome)).toBe('');
    expect(waivers).toHaveLength(4);
    expect(schema.safeParse(parse(good!))).toMatchObject({ success: true });
  });

  test.each<[string, Partial<WaiverSubject>, string, string | undefined]>([
    ['the package', {}, 'team/app', '2026-12-31T23:59:59.999Z'],
    ['the package elsewhere', {}, 'team/app/api', undefined],
    [
      'root',
      { ids: ['runs-as-root'], type: 'image', purl: undefined },
      'tools/backup',
      '2027-01-31T23:59:59.999Z',
    ],
    ['a test file', { ids: ['CVE-1'], path: 'app/testdata/a/b.zip' }, 'team/api', '2026-12-15T23:59:59.999Z'],
    [
      'a secret in a test file, which has no digest',
      { ids: ['x'], type: 'secret', path: '/app/testdata/key' },
      'team/api',
      undefined,
    ],
    [
      'the secret',
      { ids: ['private-key'], type: 'secret', path: '/app/test/fixtures/server.key' },
      'anything',
      '2026-12-15T23:59:59.999Z',
    ],
  ])('covers %s until its end, or not at all', (_, changes, repository, end) => {
    const found = waiverFor({ ...finding, ...changes }, { repository, digest: DIGEST }, waivers, NOW);
    expect(found && 'endsAt' in found ? found.endsAt.toISOString() : undefined).toBe(end);
  });

  test('expires with a fix', () => {
    expect(
      waiverFor({ ...finding, isFixed: true }, { repository: 'team/app', digest: DIGEST }, waivers, NOW),
    ).toMatchObject({ why: 'fixed' });
  });
});

test('the bad example is answered as the page says', () => {
  expect(told(read(bad!))).toBe(answer);
  expect(schema.safeParse(parse(bad!))).toMatchObject({ success: false });
});

test('a .trivyignore is answered as the page says, and taken over with the defaults', () => {
  expect(told(fromTrivyIgnore(ignore!, '.trivyignore', LIFE))).toBe(ignoreAnswer);
  const defaults = {
    owner: 'platform@example.com',
    reason: 'assessed in the review of November',
    repositories: ['team/*'],
    expires: '2027-01-31',
  };
  const outcome = fromTrivyIgnore(ignore!, '.trivyignore', { ...LIFE, defaults });
  expect(outcome.ok && outcome.value.map(({ id, expires }) => `${id} ${expires}`).sort()).toEqual([
    'CVE-2026-1234 2026-12-30',
    'DS-0002 2027-01-31',
  ]);
});

test('the OpenVEX document is two waivers', () => {
  const outcome = fromOpenVex(vex!, 'app.vex.json', {
    ...LIFE,
    registries: ['111122223333.dkr.ecr.eu-west-1.amazonaws.com'],
  });
  expect(told(outcome)).toBe('');
  expect(
    outcome.ok &&
      outcome.value
        .map(({ id, purl, repositories, owner, expires }) =>
          [id, purl, repositories?.join(), owner, expires].join(' '),
        )
        .sort(),
  ).toEqual([
    'CVE-2026-1234 pkg:deb/debian/bash@5.2.37-2 team/app security@example.com 2027-02-18',
    'GHSA-aaaa-bbbb-cccc pkg:deb/debian/bash@5.2.37-2 team/app security@example.com 2027-02-18',
  ]);
});

test('patterns match what the page says', () => {
  const matching = (pattern: string, ...texts: string[]) =>
    texts.filter(each => compileGlob(pattern).matches(each));
  expect(matching('team/*', 'team/app', 'team/app/api', 'my/team/app')).toEqual(['team/app']);
  expect(matching('team/**', 'team/app', 'team/app/api', 'my/team/app')).toEqual([
    'team/app',
    'team/app/api',
  ]);
  expect(matching('**/vendor/x', 'vendor/x', 'a/b/vendor/x', 'a/bvendor/x')).toEqual([
    'vendor/x',
    'a/b/vendor/x',
  ]);
});

test('limits and warnings are those of the code', () => {
  expect(text).toContain(`at least ${WaiverLimit.reason.min} characters`);
  expect(text).toContain(
    `more than ${WaiverLimit.bytes / 1024 / 1024} MiB or ${WaiverLimit.waivers.toLocaleString('en')} waivers`,
  );
  expect(text).toContain(
    `${EXPIRY_WARNINGS.slice(0, -1).join(', ')} and ${EXPIRY_WARNINGS.at(-1)} days before the end`,
  );
  expect(text).toContain(`has room for ${Limit.rowWaivers} waivers`);
});

test('every event about waivers is in the table', () => {
  const table = text.slice(text.indexOf('## How fast'), text.indexOf('## In the findings'));
  expect(Object.values(WaiverDetailType).filter(type => !table.includes(`[\`${type}\`]`))).toEqual([]);
});

test('what the findings table says of a waived finding has these names', () => {
  const named = [
    ...text
      .slice(text.indexOf('## In the findings'), text.indexOf('## The file'))
      .matchAll(/`(waivedBy|waivedUntil|violates|firstSeenAt)\b/g),
  ].map(([, field]) => field!);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter(field => !(field in FindingRow.shape))).toEqual([]);
});
