import { allInstructions, Check } from './check';
import type { Issue } from './finding';
import { readImageReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { flag, Instruction } from '../parse/instruction';
import { sourcesOfMount } from '../parse/mount';
import type { Stage } from '../parse/stages';
import type { Expanded } from '../parse/words';

/**
 * Images that go into the build by a name whose content can change: of FROM, `COPY --from` and `RUN
 * --mount=from`. A tag beside a digest is for people; the digest decides.
 */
export const unpinnedImage: Check = {
  rule: 'unpinned-image',
  trivy: ['DS-0001'],
  issues: ({ file, stages }) => [
    ...stages
      .filter(stage => stage.parent === undefined && stage.image.text !== 'scratch')
      .flatMap(stage => complain(stage.from.source.line, stage.image)),
    ...allInstructions(file).flatMap(instruction =>
      imagesOf(instruction).flatMap(name => {
        const { line } = instruction.source;
        if (name === undefined) {
          return [
            {
              line,
              level: 'unclear' as const,
              message: 'RUN has a --mount that cannot be read',
              remedy: MOUNT,
            },
          ];
        }
        return isStage(name, stages) ? [] : complain(line, { text: name, unknown: [] });
      }),
    ),
  ],
};

const MOUNT = 'write it without quotes, as --mount=type=bind,from=<stage>,target=<path>';

/** `undefined` stands for what cannot be read. */
function imagesOf(instruction: Instruction): (string | undefined)[] {
  const from = instruction.name === 'COPY' ? flag(instruction, 'from') : undefined;
  const mounts =
    instruction.name === 'RUN' ? instruction.flags.filter(each => each.startsWith('--mount=')) : [];
  return [
    ...(from === undefined ? [] : [from]),
    ...mounts.flatMap(mount => sourcesOfMount(mount.slice('--mount='.length)) ?? [undefined]),
  ];
}

/** By number, or by name. */
function isStage(name: string, stages: readonly Stage[]): boolean {
  return /^\d{1,4}$/.test(name)
    ? Number(name) < stages.length
    : stages.some(stage => stage.name === name.toLowerCase());
}

function complain(line: number, { text, unknown }: Expanded): Issue[] {
  const read = readImageReference(text);
  if (read.ok && read.value.digest !== undefined) return [];
  const name = quoted(text, 120);
  if (unknown.length > 0) {
    const variables = unknown.map(variable => plainText(variable, 40)).join(', ');
    const remedy =
      'give the ARG, before the first FROM, a default that names the digest: ARG BASE=name:tag@sha256:<digest>';
    // what is left open is the name beside a digest
    if (/@sha(256|384|512):[0-9a-f]{64,128}$/.test(text)) return [];
    return [
      {
        line,
        message: `the image depends on ${variables}, of which the file does not say what it is`,
        remedy,
      },
    ];
  }
  if (!read.ok) {
    return [{ line, message: `${name} ${read.error}`, remedy: 'write name:tag@sha256:<64 hex>' }];
  }
  const reference = read.value;
  const why =
    reference.tag === undefined
      ? 'has neither tag nor digest, so it is whatever is latest'
      : reference.tag === 'latest'
        ? 'has the tag latest and no digest'
        : 'has a tag and no digest: what it is can change between two builds';
  const tagged =
    reference.tag === undefined || reference.tag === 'latest'
      ? `${reference.name}:<version>`
      : `${reference.name}:${reference.tag}`;
  return [
    {
      line,
      message: `the image ${name} ${why}`,
      remedy: `write ${plainText(tagged, 120)}@sha256:<digest>, as "docker buildx imagetools inspect" tells it`,
    },
  ];
}
