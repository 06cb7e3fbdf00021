import { CHECKS } from './checks';
import type { CheckInput } from './checks/check';
import type { DockerfileFinding } from './checks/finding';
import { parseDockerfile, Problem } from './parse/parse';
import { readStages, Stage } from './parse/stages';
import { quoted } from '../src/core/text/plain-text';

export interface CheckOptions {
  /** The stage that becomes the image; the last one if left out. */
  readonly target?: string;
}

/**
 * All that our own checks find in a Dockerfile, by line. What cannot be read is a finding too: nothing passes
 * unread.
 */
export function checkDockerfile(text: string, options: CheckOptions = {}): DockerfileFinding[] {
  const { input, problems } = readInput(text, options);
  const { target } = options;
  const unreadable = problems.map(({ line, message }) =>
    unclear(line, message, 'write it as https://docs.docker.com/reference/dockerfile/ has it'),
  );
  const missing =
    input.target.length === 0 && target !== undefined
      ? [
          unclear(
            1,
            `the file has no stage ${quoted(target, 60)}`,
            'name one that stands behind AS, or its number',
          ),
        ]
      : [];
  const found = CHECKS.flatMap(({ rule, issues }) =>
    issues(input).map((issue): DockerfileFinding => ({
      rule,
      level: 'refused',
      by: 'trusted-images',
      ...issue,
    })),
  );
  return inOrder([...unreadable, ...missing, ...found]);
}

/** Whether our checks have judged what a finding of Trivy is about; `undefined` if they cannot say. */
export type HasJudged = (finding: DockerfileFinding) => boolean | undefined;

export function judgedIn(text: string, options: CheckOptions = {}): HasJudged {
  const { input } = readInput(text, options);
  return finding => CHECKS.find(({ trivy }) => trivy.includes(finding.rule))?.hasJudged?.(input, finding);
}

function readInput(
  text: string,
  { target }: CheckOptions,
): { readonly input: CheckInput; readonly problems: readonly Problem[] } {
  const file = parseDockerfile(text);
  const { stages, declared, problems } = readStages(file);
  const isTarget = ({ name }: Stage, index: number) =>
    target === undefined || name === target.toLowerCase() || String(index) === target;
  const last = stages.filter(isTarget).at(-1);
  return {
    input: { file, stages, declared, target: last === undefined ? [] : ancestry(last) },
    problems: [...file.problems, ...problems],
  };
}

export function inOrder(findings: readonly DockerfileFinding[]): DockerfileFinding[] {
  return [...findings].sort(
    (one, other) => one.line - other.line || (one.rule < other.rule ? -1 : Number(one.rule > other.rule)),
  );
}

function ancestry(stage: Stage): Stage[] {
  const stages: Stage[] = [];
  for (let each: Stage | undefined = stage; each !== undefined; each = each.parent) stages.push(each);
  return stages;
}

function unclear(line: number, message: string, remedy: string): DockerfileFinding {
  return { rule: 'unreadable', level: 'unclear', line, message, remedy, by: 'trusted-images' };
}
