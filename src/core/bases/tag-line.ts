import { plainText } from '../text/plain-text';

/** A tag as its line: `v20.11-slim` is version 20.11 of the words `v#-slim`. */
interface Line {
  /** Without its numbers. */
  readonly words: string;
  /** Of its version, the most significant first. */
  readonly numbers: readonly string[];
}

/**
 * How close the tags of two images are: how many numbers of two versions are equal, from the first on, and a
 * half more if the tags are equal. `20.11-slim` and `20.12-slim` share one number. `20.11-slim` and `22-slim`
 * share none, and neither do tags with other words: 0, another line.
 *
 * `latest` and other tags without a number count only where the first image has no other: they move from one
 * line to the next.
 */
export function sharedLine(tags: readonly string[], others: readonly string[]): number {
  const named = tags.some(hasNumber) ? tags.filter(hasNumber) : tags;
  return Math.max(0, ...named.flatMap(tag => others.map(other => closeness(tag, other))));
}

function closeness(a: string, b: string): number {
  const equal = a === b ? 0.5 : 0;
  const [one, other] = [lineOf(a), lineOf(b)];
  if (one.words !== other.words) return 0;
  // a date, or the number of a build, is no line
  if (one.numbers.length === 0 && other.numbers.length === 0) return 0.5;
  const differ = one.numbers.findIndex((number, at) => number !== other.numbers[at]);
  return (differ === -1 ? one.numbers.length : differ) + equal;
}

function hasNumber(tag: string): boolean {
  return /\d/.test(tag);
}

/** A longer number is a date, a hash or the number of a build. */
const VERSION = /(?<![\d.])\d{1,4}(?:\.\d{1,9})*(?!\d)/;

function lineOf(tag: string): Line {
  const text = plainText(tag, 128).toLowerCase();
  return { words: text.replace(/\d[\d.]*/g, '#'), numbers: VERSION.exec(text)?.[0].split('.') ?? [] };
}
