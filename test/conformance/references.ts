import * as fc from 'fast-check';
import { ask } from './authorities';
import type { Outcome, Suite } from './suite';
import { readImageReference } from '../../src/core/image/image-reference';

const MODULE = 'go:github.com/distribution/reference';
const GENERATED = 20_000;

interface Named {
  readonly error?: string;
  readonly host?: string;
  readonly path?: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Names of images: all texts in distribution's own tests, and texts that are made of pieces of names. */
export const references: Suite = {
  name: 'references',
  about: 'Names of images: registry, repository, tag and digest',
  authority: 'distribution/reference, by its own code: all texts in its tests, and 20,000 generated ones',
  packages: [MODULE],
  run: async folders => {
    const [written = []] = await ask<string[]>('literals', [folders(MODULE)]);
    const texts = [...new Set([...written, ...generated(written)])];
    const theirs = await ask<Named>('references', texts);
    return compare(texts, theirs);
  },
};

function compare(texts: readonly string[], theirs: readonly Named[]): Outcome {
  return {
    cases: texts.length,
    disagreements: texts.flatMap((text, index) => {
      const read = readImageReference(text);
      const ours = read.ok ? shown(read.value) : 'refused';
      const said = theirs[index]!;
      if (ours === (said.error === undefined ? shown(said) : 'refused')) return [];
      return [{ name: nameOf(text, said), said: `${JSON.stringify(text)} is ${ours}, there ${shown(said)}` }];
    }),
  };
}

function shown({ host = '', path, tag, digest }: Named): string {
  return JSON.stringify({ host, path, tag, digest });
}

function nameOf(text: string, { error, host = '' }: Named): string {
  if (error === undefined && host === '') return 'a first part with a dot that cannot be a host: a_b.c/d';
  return JSON.stringify(text).slice(0, 100);
}

const HEX = 'a1'.repeat(32);
const piece = fc.constantFrom(
  ...['a', 'b1', 'Foo', 'DOCKER.IO', 'docker.io', 'index.docker.io', 'localhost', '[::1]', '[2001:db8::1]'],
  ...['[fe80::1%eth0]', 'registry.example', 'host:5000', 'host:', 'xn--n3h.com', '192.168.1.1', 'library'],
  ...[
    '_',
    '__',
    '-',
    '--',
    '.',
    '..',
    '/',
    '//',
    ':',
    ':80',
    ':latest',
    '@',
    '+',
    '~',
    'ö',
    '%2f',
    ' ',
    '\n',
  ],
  ...[`@sha256:${HEX}`, `@sha512:${HEX}${HEX}`, `@sha384:${HEX}${HEX.slice(32)}`, `@sha256:${HEX.slice(1)}`],
  ...[`@md5:${'a'.repeat(32)}`, `@sha256:${HEX.toUpperCase()}`, HEX, 'x'.repeat(128), 'a/'.repeat(126)],
  '123456789012.dkr.ecr.us-east-1.amazonaws.com',
);
const SEED = Number(process.env.SEED ?? 1);

function generated(written: readonly string[]): string[] {
  const joined = fc.array(piece, { minLength: 1, maxLength: 7 }).map(parts => parts.join(''));
  const changed = fc
    .tuple(fc.constantFrom(...written), fc.nat(), fc.nat(2), piece)
    .map(([text, where, kind, added]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + (kind === 1 ? '' : added) + text.slice(kind === 0 ? at : at + 1);
    });
  return fc.sample(fc.oneof(joined, changed), { seed: SEED, numRuns: GENERATED });
}
