import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { WaiverSource } from '../../src';
import { parseWaivers, writeWaivers } from '../../src/core/waivers/document';
import { addDays, dayOf } from '../../src/core/waivers/life';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import type { Waivers } from '../../src/core/waivers/waiver';
import { entries, REASON } from '../core/waivers/made';

const MAX_LIFE = Duration.days(90);
const EXPIRES = addDays(dayOf(new Date()), 30);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waivers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function yaml(...waivers: object[]): string {
  return JSON.stringify({ version: 1, waivers }, undefined, 2); // JSON is YAML, too
}

function waiver(changes: object = {}): object {
  return {
    id: 'CVE-2026-1',
    repositories: ['team/*'],
    owner: 'alice@example.com',
    reason: REASON,
    expires: EXPIRES,
    ...changes,
  };
}

/** What the function that runs reads of what a deployment puts there. */
function read(text: string | undefined): Waivers {
  const waivers = readWaivers(text!, { file: 'waivers.yaml', maxLifeDays: 90, now: new Date() });
  if (!waivers.ok) throw new Error(JSON.stringify(waivers.error));
  return waivers.value;
}

const idsOf = (register: WaiverSource) =>
  read(register._read(MAX_LIFE)?.text)
    .map(({ id, expires }) => `${id} ${expires}`)
    .sort();

describe('a register in the bucket', () => {
  test('is nothing that a deployment puts there', () => {
    expect(WaiverSource.inBucket()._read(MAX_LIFE)).toBeUndefined();
    expect(WaiverSource.inBucket().plus(WaiverSource.inBucket())._read(MAX_LIFE)).toBeUndefined();
  });

  test('an empty file is not: it takes back what was there', () => {
    expect(read(WaiverSource.fromFile(write('empty.yaml', yaml()))._read(MAX_LIFE)?.text)).toEqual([]);
  });
});

describe('from a file', () => {
  test('what a deployment puts there is what stands in the file, written for people', () => {
    const text = WaiverSource.fromFile(write('waivers.yaml', yaml(waiver())))._read(MAX_LIFE)!.text;
    expect(text.split('\n').slice(1)).toEqual([
      'version: 1',
      'waivers:',
      '  - id: CVE-2026-1',
      '    repositories:',
      '      - team/*',
      '    owner: alice@example.com',
      `    reason: ${REASON}`,
      `    expires: ${EXPIRES}`,
      '',
    ]);
    expect(text).toMatch(/^# Written by a deployment/);
  });

  test('everything that is wrong is an error of the synthesis, with file, line and column', () => {
    const path = write(
      'wrong.yaml',
      yaml(waiver({ id: 'CVE-*' }), waiver({ owner: undefined }), waiver({ expires: '2099-01-01' })),
    );
    const problems = () => WaiverSource.fromFile(path)._read(MAX_LIFE)?.text;
    expect(problems).toThrow(/^the waivers are not valid:\n/);
    expect(problems).toThrow(`${path}:5:7: id is "CVE-*", allowed:`);
    expect(problems).toThrow(`${path}:13:5: owner is missing, allowed:`);
    expect(problems).toThrow(new RegExp(`${path}:28:7: expires is "2099-01-01", allowed: a day until`));
  });

  test.each([
    [30, true],
    [29, false],
  ])('with a longest life of %i days, one that ends in 30 is valid: %s', (days, isValid) => {
    const register = WaiverSource.fromFile(write('life.yaml', yaml(waiver())));
    const render = () => register._read(Duration.days(days))?.text;
    if (isValid) expect(render).not.toThrow();
    else expect(render).toThrow(/29 days from today/);
  });

  test('one that is not there, or not UTF-8, is an error', () => {
    expect(() => WaiverSource.fromFile(join(folder, 'none.yaml'))).toThrow(
      /none\.yaml" is not there: a relative path begins in /,
    );
    const path = write('latin1.yaml', Buffer.from('version: 1\n# Zo\xeb', 'latin1'));
    expect(() => WaiverSource.fromFile(path)._read(MAX_LIFE)?.text).toThrow(
      `${path}:2:5: the file is not UTF-8`,
    );
  });

  test('whatever can be waived, the function that runs reads the same', () => {
    fc.assert(
      fc.property(
        fc.array(
          entries().map(each => ({ ...each, accepted: undefined, expires: EXPIRES })),
          { maxLength: 5 },
        ),
        waivers => {
          const document = JSON.stringify({ version: 1, waivers });
          const parsed = parseWaivers(document);
          // half a character is in no file, and what only some readers of YAML take for a line end is refused
          fc.pre(parsed.ok && !/\\ud[89a-f]|[\u007f\u0085\u2028\u2029\ufeff]/i.test(document));
          const path = write('any.yaml', parsed.ok ? writeWaivers(parsed.value) : '');
          expect(writeWaivers(read(WaiverSource.fromFile(path)._read(MAX_LIFE)?.text))).toBe(
            parsed.ok && writeWaivers(parsed.value),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('from what Trivy ignores', () => {
  const path = () => write('.trivyignore', `CVE-2026-1 exp:${addDays(EXPIRES, 1)}\nCVE-2026-2\n`);

  test('with what the file does not say as defaults', () => {
    expect(
      idsOf(
        WaiverSource.fromTrivyIgnore(path(), {
          owner: 'alice@example.com',
          reason: REASON,
          expires: EXPIRES,
          repositories: ['team/*'],
        }),
      ),
    ).toEqual([`CVE-2026-1 ${EXPIRES}`, `CVE-2026-2 ${EXPIRES}`]);
  });

  test('without them, each entry is asked for what lacks, in its line', () => {
    expect(() => WaiverSource.fromTrivyIgnore(path())._read(MAX_LIFE)?.text).toThrow(
      `${path()}:2:1: CVE-2026-2: expires is missing`,
    );
  });

  test('the name says which of its formats it is', () => {
    const file = write(
      '.trivyignore.yaml',
      yaml().replace(/^.*$/s, `vulnerabilities:\n  - id: CVE-2026-3\n    statement: ${REASON}\n`),
    );
    expect(
      idsOf(
        WaiverSource.fromTrivyIgnore(file, {
          owner: 'alice@example.com',
          expires: EXPIRES,
          repositories: ['team/*'],
        }),
      ),
    ).toEqual([`CVE-2026-3 ${EXPIRES}`]);
  });
});

describe('from OpenVEX', () => {
  const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
  const path = () =>
    write(
      'team.vex.json',
      JSON.stringify({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        '@id': 'https://example.com/vex/1',
        author: 'security@example.com',
        timestamp: new Date().toISOString(),
        version: 1,
        statements: [
          {
            vulnerability: { name: 'CVE-2026-1' },
            products: [{ '@id': `pkg:oci/app?repository_url=${REGISTRY}/team/app` }],
            status: 'not_affected',
            justification: 'vulnerable_code_not_in_execute_path',
          },
          {
            vulnerability: { name: 'CVE-2026-2' },
            products: [{ '@id': `pkg:oci/app?repository_url=${REGISTRY}/team/app` }],
            status: 'affected',
            action_statement: 'upgrade',
          },
        ],
      }),
    );

  test('what is not affected is waived, for the longest life', () => {
    expect(idsOf(WaiverSource.fromOpenVex(path(), { registries: [REGISTRY] }))).toEqual([
      `CVE-2026-1 ${addDays(dayOf(new Date()), 90)}`,
    ]);
  });

  test('of another registry it is an error, not a waiver of all', () => {
    expect(
      () =>
        WaiverSource.fromOpenVex(path(), {
          registries: ['999999999999.dkr.ecr.eu-west-1.amazonaws.com'],
        })._read(MAX_LIFE)?.text,
    ).toThrow(`${path()}:1:`);
  });
});

describe('with another one', () => {
  const file = (name: string, ...waivers: object[]) => WaiverSource.fromFile(write(name, yaml(...waivers)));

  test('both count, whichever is first; of what both cover, the one that ends last', () => {
    const one = file('one.yaml', waiver(), waiver({ id: 'CVE-2026-2' }));
    const other = file('other.yaml', waiver({ expires: addDays(EXPIRES, 3) }));
    for (const both of [one.plus(other), other.plus(one), one.plus(WaiverSource.inBucket()).plus(other)]) {
      expect(idsOf(both)).toEqual([`CVE-2026-1 ${addDays(EXPIRES, 3)}`, `CVE-2026-2 ${EXPIRES}`]);
    }
  });

  test('what is wrong with either is told at once, and changes neither', () => {
    const broken = file('b1.yaml', waiver({ id: 'CVE-*' })).plus(file('b2.yaml', waiver({ owner: 'x' })));
    expect(() => broken._read(MAX_LIFE)?.text).toThrow(/b1\.yaml:5:7: [^]*b2\.yaml:\d+:7: owner/);
    const good = file('good.yaml', waiver());
    good.plus(broken);
    expect(idsOf(good)).toHaveLength(1);
  });
});
