import type { Outcome } from './suite';
import { compilePurl, packageUrl } from '../../src/core/text/purl';
import { ofEveryVersion } from '../../src/core/waivers/imported';
import { problemWithPurl } from '../../src/core/waivers/too-broad';

/** @see https://github.com/package-url/purl-spec/blob/main/schemas/purl-test.schema-0.2.json */
export interface PurlCase {
  readonly description: string;
  readonly test_type: 'parse' | 'build' | 'validate';
  readonly input: string | PurlComponents;
  readonly expected_output: string | PurlComponents | null;
  readonly expected_failure: boolean;
}

interface PurlComponents {
  readonly type: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}

/**
 * The cases of purl-spec's `tests`. Nothing here prints a package URL, so its canonical form is not compared
 * letter by letter: what purl-spec calls the same package must be the same package in a denial, and in a
 * waiver where Trivy does not tell them apart. What it refuses must be refused in a waiver.
 */
export function purlSpec(cases: readonly PurlCase[]): Outcome {
  const disagreements = cases.flatMap(each => {
    const said = disagreement(each);
    const name = `${each.test_type} ${JSON.stringify(each.input)}: ${each.description}`;
    return said === undefined ? [] : [{ name, said }];
  });
  return { cases: cases.length, disagreements };
}

/** Every two packages of the cases that are not the same: a waiver for one must not cover the other. */
export function purlPairs(cases: readonly PurlCase[]): Outcome {
  const outputs = cases.flatMap(each => (each.expected_failure ? [] : written(each.expected_output)));
  const packages = [
    ...new Map(outputs.map(text => [JSON.stringify(packageUrl(text, 'narrow')), text])).values(),
  ];
  const disagreements = [];
  let run = 0;
  for (const one of packages) {
    const waived = compilePurl(one, 'narrow');
    for (const other of packages) {
      if (one === other || isNarrower(other, one)) continue;
      run += 1;
      if (waived.matches(packageUrl(other, 'narrow'))) {
        disagreements.push({
          name: `${one} and ${other}`,
          said: 'a waiver for the first covers the second',
        });
      }
    }
  }
  return { cases: run, disagreements };
}

function disagreement({
  input,
  expected_output: expected,
  expected_failure: fails,
}: PurlCase): string | undefined {
  const text = written(input);
  if (fails) {
    const problem = problemWithPurl(ofEveryVersion(text));
    return problem === undefined ? 'not a package URL, and a waiver may name it' : undefined;
  }
  const same = written(expected);
  for (const [wanted, found] of [
    [text, same],
    [same, text],
  ] as const) {
    for (const comparison of ['narrow', 'wide'] as const) {
      if (!compilePurl(wanted, comparison).matches(packageUrl(found, comparison))) {
        return `${wanted} does not match ${found} (${comparison})`;
      }
    }
  }
  return undefined;
}

function written(purl: string | PurlComponents | null): string {
  if (purl === null) return '';
  if (typeof purl === 'string') return purl;
  const { type, namespace, name, version, qualifiers, subpath } = purl;
  const path = [
    ...(namespace ?? '').split('/'),
    ...(type === 'git' ? (name ?? '').split('/') : [name ?? '']),
  ];
  const pairs = Object.entries(qualifiers ?? {}).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return [
    `pkg:${type ?? ''}/`,
    path
      .filter(segment => segment !== '')
      .map(encodeURIComponent)
      .join('/'),
    version === null ? '' : `@${encodeURIComponent(version)}`,
    pairs.length === 0 ? '' : `?${pairs.join('&')}`,
    subpath === null ? '' : `#${subpath.split('/').map(encodeURIComponent).join('/')}`,
  ].join('');
}

/** The same package with more qualifiers: a waiver without them covers it, as the documentation says. */
function isNarrower(narrow: string, wide: string): boolean {
  const [one, other] = [packageUrl(narrow, 'narrow'), packageUrl(wide, 'narrow')];
  return (
    one.base === other.base &&
    one.subpath === other.subpath &&
    other.qualifiers.every(each => one.qualifiers.includes(each))
  );
}
