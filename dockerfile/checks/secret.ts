import { type Check, type CheckInput, distinct } from './check';
import type { Issue } from './finding';
import { type NameSays, whatNameSays } from './secret-names';
import { findTokens } from './tokens';
import { plainText } from '../../src/core/text/plain-text';
import { lineOf } from '../reading/line-of';
import type { Instruction, Variable } from '../reading/reading';

const REMEDY =
  'take it out and revoke it; give the build RUN --mount=type=secret,id=<name>, and the container its secret when it starts';

/**
 * Secrets that the image or its history keeps: an ARG or ENV whose name says so, and tokens that are known by
 * their form, wherever they stand. The message has the name and never the value.
 */
export const secret: Check = {
  rule: 'secret',
  trivy: ['DS-0031'],
  issues: input =>
    input.reading.instructions.flatMap(instruction => {
      const named = namedSecrets(instruction, input);
      const lines = new Set(named.filter(({ level }) => level === undefined).map(({ line }) => line));
      return [...named, ...tokensIn(instruction, input).filter(({ line }) => !lines.has(line))];
    }),
  hasJudged: ({ reading }, { line, message }) => {
    const [, key, where] = OF_TRIVY.exec(message) ?? [];
    if (key === undefined) return undefined;
    const judgements = reading.instructions
      .filter(instruction => !instruction.onbuild && instruction.name === where && instruction.line === line)
      .flatMap(instruction =>
        instruction.variables
          .filter(variable => variable.key === key)
          .map(variable => judge(instruction, variable)),
      );
    return judgements.length > 0 && judgements.every(judgement => judgement !== undefined);
  },
};

/** How Trivy names a variable. Its other messages are about files and commands. */
const OF_TRIVY = /^Possible exposure of secret env "([A-Za-z_][A-Za-z0-9_]*)" in (ARG|ENV)$/;

/** `undefined`: nothing is known of it. */
function judge({ name: instruction }: Instruction, variable: Variable): NameSays | 'unclear' {
  if (variable.unclear) return 'unclear';
  if (instruction === 'ENV' && variable.empty) return 'harmless'; // says that there is none
  return whatNameSays(variable.name);
}

function namedSecrets(instruction: Instruction, { text }: CheckInput): Issue[] {
  let behind = 0;
  const issues = instruction.variables.flatMap((variable): Issue[] => {
    const offset = Math.max(instruction.text.indexOf(variable.key, behind), behind);
    behind = offset + variable.key.length;
    const line = lineOf(text, instruction, instruction.text, offset);
    const key = plainText(variable.key, 60);
    const judgement = judge(instruction, variable);
    if (judgement === 'unclear') {
      return [
        {
          line,
          level: 'unclear',
          message: `the file does not say which variable ${instruction.name} ${key} sets, which can be a secret`,
          remedy: 'write its name out',
        },
      ];
    }
    if (judgement !== 'secret') return [];
    const where =
      instruction.name === 'ENV'
        ? 'in the image, for everyone who can pull it'
        : 'in the history of the image, or in the provenance of its build';
    return [
      { line, message: `${instruction.name} ${key} holds a secret, which stays ${where}`, remedy: REMEDY },
    ];
  });
  return distinct(issues);
}

function tokensIn(instruction: Instruction, { text }: CheckInput): Issue[] {
  const message = (kind: string) => `${instruction.name} holds ${kind}`;
  return [
    ...findTokens(instruction.text).map(({ kind, offset }) => ({
      line: lineOf(text, instruction, instruction.text, offset),
      message: message(kind),
      remedy: REMEDY,
    })),
    ...instruction.heredocs.flatMap(({ content, line }) =>
      findTokens(content).map(({ kind, offset }) => ({
        line: line + content.slice(0, offset).split('\n').length - 1,
        message: message(kind),
        remedy: REMEDY,
      })),
    ),
  ];
}
