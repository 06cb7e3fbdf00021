import { type Check, distinct, instructionAt } from './check';
import type { Issue } from './finding';
import { readImageReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import type { Instruction } from '../reading/reading';

/**
 * Images that go into the build by a name whose content can change: of FROM, `COPY --from` and `RUN
 * --mount=from`. A tag beside a digest is for people; the digest decides.
 */
export const unpinnedImage: Check = {
  rule: 'unpinned-image',
  trivy: ['DS-0001'],
  // Trivy does not fill in what a build fills in
  hasJudged: ({ reading: { problems } }) => problems.length === 0 || undefined,
  issues: ({ reading }) =>
    distinct(
      reading.sources
        .filter(({ kind }) => kind === 'image')
        .flatMap(({ line, name }) => complain(name, line, instructionAt(reading, line))),
    ),
};

const IMPLIED = /:latest$/;

/** BuildKit adds the tag that is implied. */
function asWritten(name: string, instruction: string): string {
  const untagged = name.replace(IMPLIED, '');
  return instruction.split(/[\s,="']+/).includes(untagged) ? untagged : name;
}

function complain(reference: string, line: number, instruction: Instruction | undefined): Issue[] {
  const name = asWritten(reference, instruction?.text ?? '');
  const read = readImageReference(name);
  if (!read.ok) {
    return [
      { line, message: `${quoted(name, 120)} ${read.error}`, remedy: 'write name:tag@sha256:<64 hex>' },
    ];
  }
  const { digest, tag, name: repository } = read.value;
  if (digest !== undefined) return [];
  const unknown = instruction?.undefined ?? [];
  if (unknown.length > 0) {
    const variables = unknown.map(variable => plainText(variable, 40)).join(', ');
    return [
      {
        line,
        message: `the image depends on ${variables}, of which the file does not say what it is`,
        remedy:
          'give the ARG, before the first FROM, a default that names the digest: ARG BASE=name:tag@sha256:<digest>',
      },
    ];
  }
  const why =
    tag === undefined
      ? 'has neither tag nor digest, so it is whatever is latest'
      : tag === 'latest'
        ? 'has the tag latest and no digest'
        : 'has a tag and no digest: what it is can change between two builds';
  const tagged = `${repository}:${tag === undefined || tag === 'latest' ? '<version>' : tag}`;
  return [
    {
      line,
      message: `the image ${quoted(name, 120)} ${why}`,
      remedy: `write ${plainText(tagged, 120)}@sha256:<digest>, as "docker buildx imagetools inspect" tells it`,
    },
  ];
}
