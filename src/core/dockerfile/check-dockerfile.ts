import { plainText } from '../plain-text';
import { CHECKS } from './checks';
import type { DockerfileFinding } from './finding';
import { parseDockerfile } from './parse';
import { readStages, Stage } from './stages';

export interface CheckOptions {
  /** The stage that becomes the image; the last one if left out. */
  readonly target?: string;
}

/** All that our own checks find in a Dockerfile, by line. What cannot be read is a finding too: nothing passes unread. */
export function checkDockerfile(text: string, { target }: CheckOptions = {}): DockerfileFinding[] {
  const file = parseDockerfile(text);
  const { stages, problems } = readStages(file);
  const isTarget = ({ name }: Stage, index: number) => target === undefined || name === target.toLowerCase() || String(index) === target;
  const last = stages.filter(isTarget).at(-1);
  const unreadable = [...file.problems, ...problems].map(({ line, message }) => unclear(line, message, 'write it as https://docs.docker.com/reference/dockerfile/ has it'));
  const missing = last === undefined && target !== undefined
    ? [unclear(1, `the file has no stage ${JSON.stringify(plainText(target, 60))}`, 'name one that stands behind AS, or its number')] : [];
  const input = { file, stages, target: last === undefined ? [] : ancestry(last) };
  const found = CHECKS.flatMap(({ rule, complaints }) => complaints(input).map((complaint): DockerfileFinding => (
    { rule, level: 'refused', by: 'trusted-images', ...complaint }
  )));
  return inOrder([...unreadable, ...missing, ...found]);
}

export function inOrder(findings: readonly DockerfileFinding[]): DockerfileFinding[] {
  return [...findings].sort((one, other) => one.line - other.line || (one.rule < other.rule ? -1 : Number(one.rule > other.rule)));
}

function ancestry(stage: Stage): Stage[] {
  const stages: Stage[] = [];
  for (let each: Stage | undefined = stage; each !== undefined; each = each.parent) stages.push(each);
  return stages;
}

function unclear(line: number, message: string, remedy: string): DockerfileFinding {
  return { rule: 'unreadable', level: 'unclear', line, message, remedy, by: 'trusted-images' };
}
