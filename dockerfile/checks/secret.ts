import { type Check, type CheckInput, distinct } from './check';
import type { Issue } from './finding';
import { type NameSays, whatNameSays } from '../../src/core/scanning/secret-names';
import { whySecretValue } from '../../src/core/scanning/secret-variable';
import { findTokens } from '../../src/core/scanning/tokens';
import { plainText } from '../../src/core/text/plain-text';
import { linesOf, plainLines } from '../reading/line-of';
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
  issues: input => {
    const issues = input.reading.instructions.flatMap(instruction => {
      const named = namedSecrets(instruction, input);
      const lines = new Set(named.filter(({ level }) => level === undefined).map(({ line }) => line));
      return [...named, ...tokensIn(instruction, input).filter(({ line }) => !lines.has(line))];
    });
    const lines = new Set(issues.map(({ line }) => line));
    return [...issues, ...distinct(tokensInEnvironment(input).filter(({ line }) => !lines.has(line)))];
  },
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

function namedSecrets(instruction: Instruction, { lines }: CheckInput): Issue[] {
  if (instruction.variables.length === 0) return [];
  const lineOf = linesOf(lines, instruction, instruction.text);
  let behind = 0;
  const issues = instruction.variables.flatMap((variable): Issue[] => {
    const offset = Math.max(instruction.text.indexOf(variable.key, behind), behind);
    behind = offset + variable.key.length;
    const line = lineOf(offset);
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

function tokensIn(instruction: Instruction, { lines }: CheckInput): Issue[] {
  const lineOf = linesOf(lines, instruction, instruction.text);
  return [
    ...findTokens(instruction.text).map(({ kind, offset }) =>
      tokenIn(instruction.name, kind, lineOf(offset)),
    ),
    ...instruction.heredocs.flatMap(({ content, line }) =>
      findTokens(content).map(({ kind, offset }) =>
        tokenIn(instruction.name, kind, plainLines(line, content)(offset)),
      ),
    ),
  ];
}

/** What variables bring into the image. The line is that of the last instruction that sets it. */
function tokensInEnvironment({ reading: { image, instructions } }: CheckInput): Issue[] {
  if (image === undefined) return [];
  return image.environment.flatMap(each => {
    const name = each.slice(0, each.indexOf('='));
    const line = instructions
      .filter(({ variables }) => variables.some(variable => variable.name === name))
      .at(-1)?.line;
    const kinds = new Set(findTokens(each).map(({ kind }) => kind));
    const held = whySecretValue(each.slice(name.length + 1));
    if (held !== undefined) kinds.add(held);
    return [...kinds].map(kind => tokenIn(`ENV ${plainText(name, 60)}`, kind, line ?? image.line));
  });
}

/** @param where the name of an instruction: what is none may be the token itself */
function tokenIn(where: string, kind: string, line: number): Issue {
  return {
    line,
    message: `${/^[A-Z]{3,11}\b/.test(where) ? where : 'a line'} holds ${kind}`,
    remedy: REMEDY,
  };
}
