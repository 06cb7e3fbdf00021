import * as fc from 'fast-check';
import type { Result } from '../../../src/core/result';
import { showProblem, type WaiverProblem } from '../../../src/core/text/problem';
import { readWaivers } from '../../../src/core/waivers/read-waivers';
import { waiverOf, type Waiver, type WaiverEntry, type Waivers } from '../../../src/core/waivers/waiver';
import { DIGEST, NOW } from '../support/made';

export const LIFE = { maxLifeDays: 90, now: NOW };
export const REASON = 'the parser is never given foreign input, see the review';
export const IN_TEAM = { repository: 'team/app', digest: DIGEST };

export function entry(changes: Partial<WaiverEntry> = {}): WaiverEntry {
  return {
    id: 'CVE-2024-1',
    repositories: ['team/*'],
    owner: 'platform@example.com',
    reason: REASON,
    expires: '2026-12-31',
    ...changes,
  };
}

export function waiver(changes: Partial<WaiverEntry> = {}): Waiver {
  return waiverOf(entry(changes));
}

export function read(text: string, maxLifeDays = LIFE.maxLifeDays): Result<Waivers, WaiverProblem[]> {
  return readWaivers(text, { file: 'waivers.yaml', now: NOW, maxLifeDays });
}

/** Whole lines, as a terminal shows them. */
export function problems(outcome: Result<unknown, WaiverProblem[]>): string[] {
  return outcome.ok ? [] : outcome.error.map(showProblem);
}

export function accepted<T>(outcome: Result<T, WaiverProblem[]>): T {
  if (!outcome.ok) throw new Error(problems(outcome).join('\n'));
  return outcome.value;
}

const DIGESTS = ['a', 'b', 'c'].map(digit => `sha256:${digit.repeat(64)}`);
const day = fc
  .integer({ min: -400, max: 400 })
  .map(days => new Date(NOW.getTime() + days * 86_400_000).toISOString().slice(0, 10));
const some = <T>(...values: T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }), { nil: undefined });
const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const text = (min: number) =>
  fc.string({ unit: 'binary', minLength: min, maxLength: 60 }).map(any => `${'x'.repeat(min)}${any}`);

/** Few values, so that waivers and what they are asked about meet often. */
export function entries(): fc.Arbitrary<WaiverEntry> {
  return fc
    .record({
      id: maybe('CVE-1', 'CVE-2', 'aws-access-key-id', 'runs-as-root', 'GPL-3.0'),
      type: maybe('vulnerability' as const, 'secret' as const, 'license' as const),
      purl: maybe(
        'pkg:deb/debian/bash@*',
        'pkg:deb/debian/bash*@5.2',
        'pkg:npm/**/core@1',
        'pkg:deb/debian/bash@5.2?arch=amd64',
      ),
      path: maybe('app/**', '/app/.env', '**/core/package.json', 'app/*/x'),
      repositories: some('team/app', 'team/*', 'team/**', 'other', '**'),
      digests: some(...DIGESTS),
      owner: text(3),
      reason: text(20),
      ticket: fc.option(text(1), { nil: undefined }),
      accepted: fc.option(day, { nil: undefined }),
      expires: day,
      until: maybe('fixed' as const),
    })
    .map(each => ({
      ...each,
      ...(each.id === undefined && each.purl === undefined && each.path === undefined && { id: 'CVE-1' }),
      ...((each.repositories === undefined ||
        (each.id === undefined && each.repositories.includes('**')) ||
        each.type === 'secret') &&
        each.digests === undefined && { digests: [DIGESTS[0]!] }),
    }));
}

export function imagesInQuestion() {
  return fc.record({
    repository: fc.constantFrom('team/app', 'team/a/b', 'team', 'other', 'x/team/app'),
    digest: fc.constantFrom(...DIGESTS),
  });
}

export function subjects() {
  return fc.record({
    ids: fc.uniqueArray(
      fc.constantFrom('CVE-1', 'CVE-2', 'aws-access-key-id', 'runs-as-root', 'GPL-3.0', 'CVE-11'),
      { minLength: 1, maxLength: 2 },
    ),
    type: fc.constantFrom(
      'vulnerability' as const,
      'secret' as const,
      'misconfiguration' as const,
      'license' as const,
      'image' as const,
    ),
    purl: maybe(
      'pkg:deb/debian/bash@5.2',
      'pkg:deb/debian/bash@5.2?arch=amd64&distro=debian-13.1',
      'pkg:npm/a/core@1',
      'pkg:deb/debian/dash@5.2',
    ),
    path: maybe('app/x', '/app/.env', 'app/node_modules/core/package.json', 'app/y/x', 'etc/app/x'),
    isFixed: fc.boolean(),
  });
}
