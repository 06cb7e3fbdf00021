import { Literal, Members, readWritten, type Written } from './written';
import { secretVariables } from '../../../src/core/scanning/secret-variable';

/**
 * Whether anything that a policy refuses stands in a document, for any reader that there may be: of a key
 * that stands twice both count, and so does one in another case.
 */
export type Refusal = (document: Written) => boolean;

export function documentIn(bytes: Uint8Array): Written | undefined {
  // not fatal: what cannot be decoded is one character that is wrong
  return readWritten(new TextDecoder('utf-8').decode(bytes));
}

/**
 * All that stands at a path, under whatever spelling of its keys; `[]` is any element, also of an object in
 * the place of a list.
 */
export function allAt(document: Written, path: string): Written[] {
  return path
    .split('.')
    .reduce(
      (nodes, step) => nodes.flatMap(node => (step === '[]' ? elementsOf(node) : membersOf(node, step))),
      [document],
    );
}

function elementsOf(node: Written): Written[] {
  if (node instanceof Members) return node.pairs.map(([, member]) => member);
  return Array.isArray(node) ? node : [];
}

function membersOf(node: Written, key: string): Written[] {
  return node instanceof Members
    ? node.pairs.flatMap(([other, member]) => (folded(decoded(other)) === folded(key) ? [member] : []))
    : [];
}

function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

function decoded(inner: string): string {
  try {
    return JSON.parse(`"${inner}"`);
  } catch {
    return inner;
  }
}

function textsAt(document: Written, path: string): string[] {
  return allAt(document, path).flatMap(node =>
    node instanceof Literal && node.text.startsWith('"') ? [decoded(node.text.slice(1, -1))] : [],
  );
}

/** `vulnerabilities` with `onlyFixed`. */
export const fixedCritical: Refusal = document =>
  allAt(document, 'Results.[].Vulnerabilities.[]').some(
    each =>
      textsAt(each, 'Severity').includes('CRITICAL') &&
      (textsAt(each, 'FixedVersion').some(version => version !== '') ||
        textsAt(each, 'Status').includes('fixed')),
  );

export const anySecret: Refusal = document => allAt(document, 'Results.[].Secrets.[]').length > 0;

/** Which variables are secret is a table of its own: here it is which texts of the report are looked at. */
export const secretVariable: Refusal = document =>
  secretVariables({
    env: textsAt(document, 'Metadata.ImageConfig.config.Env.[]'),
    history: ['history.[].created_by', 'history.[].comment', 'author'].flatMap(path =>
      textsAt(document, `Metadata.ImageConfig.${path}`),
    ),
  }).length > 0;

export const endOfLife: Refusal = document =>
  allAt(document, 'Metadata.OS.EOSL').some(node => node instanceof Literal && node.text === 'true');

/** No user, one that is root or may be, or a name: no report here says what /etc/passwd maps it to. */
export const root: Refusal = document => {
  const users = allAt(document, 'Metadata.ImageConfig.config.User');
  return users.length === 0 || users.some(user => !(user instanceof Literal) || !isUserId(user.text));
};

function isUserId(literal: string): boolean {
  const id = /^"([1-9]\d*)[:"]/.exec(literal)?.[1];
  return id !== undefined && Number(id) < 2 ** 31;
}

export const failedCheck: Refusal = document =>
  allAt(document, 'Results.[].Misconfigurations.[]').some(
    each => !textsAt(each, 'Status').some(status => ['PASS', 'EXCEPTION'].includes(status)),
  ) ||
  allAt(document, 'Results.[].MisconfSummary.Failures').some(
    node => node instanceof Literal && Number(node.text) > 0,
  );

export function packageNamed(purl: RegExp): Refusal {
  return document =>
    textsAt(document, 'Results.[].Packages.[].Identifier.PURL').some(text => purl.test(text));
}

/** Of critical severity, and a score of 7 or none. */
export const severe: Refusal = document =>
  allAt(document, 'Results.[].Vulnerabilities.[]').some(each => {
    const scores = [...allAt(each, 'CVSS.[].V3Score'), ...allAt(each, 'CVSS.[].V40Score')].map(node =>
      node instanceof Literal ? Number(node.text) : NaN,
    );
    return (
      textsAt(each, 'Severity').includes('CRITICAL') &&
      (scores.length === 0 || scores.some(score => !(score < 7)))
    );
  });

export const standard: Refusal = document =>
  [fixedCritical, anySecret, secretVariable, endOfLife, root].some(refusal => refusal(document));
