import { allInstructions, Check, CheckInput } from './check';
import type { Issue } from './finding';
import { NameSays, whatNameSays } from './secret-names';
import { plainText } from '../../src/core/text/plain-text';
import type { Instruction } from '../parse/instruction';
import { lineAt } from '../parse/logical-lines';
import { findTokens } from '../parse/tokens';
import { Declared, Scope } from '../parse/variables';
import { expand } from '../parse/words';

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
    allInstructions(input.file).flatMap(instruction => {
      const named = namedSecrets(instruction, input);
      const lines = new Set(named.filter(({ level }) => level === undefined).map(({ line }) => line));
      return [...named, ...tokensIn(instruction).filter(({ line }) => !lines.has(line))];
    }),
  hasJudged: (input, { line, message }) => {
    const [, key, where] = OF_TRIVY.exec(message) ?? [];
    if (key === undefined) return undefined;
    const judgements = input.file.instructions
      .filter(({ name, source }) => name === where && source.line === line)
      .flatMap(instruction =>
        declaredBy(instruction, input)
          .filter(variable => variable.key === key)
          .map(variable => judge(instruction, variable, input.file.escape)),
      );
    return judgements.length > 0 && judgements.every(judgement => judgement !== undefined);
  },
};

/** How Trivy names a variable. Its other messages are about files and commands. */
const OF_TRIVY = /^Possible exposure of secret env "([A-Za-z_][A-Za-z0-9_]*)" in (ARG|ENV)$/;

function declaredBy(instruction: Instruction, { file, declared }: CheckInput): readonly Declared[] {
  // what ONBUILD keeps for other files
  return declared.get(instruction) ?? new Scope(file.escape).declare(instruction);
}

/** `undefined`: nothing is known of it. */
function judge(
  { name: instruction }: Instruction,
  { name, value }: Declared,
  escape: string,
): NameSays | 'unclear' {
  if (name.unknown.length > 0) return 'unclear';
  if (instruction === 'ENV' && isEmpty(value ?? '', escape)) return 'harmless'; // says that there is none
  return whatNameSays(name.text);
}

function namedSecrets(instruction: Instruction, input: CheckInput): Issue[] {
  const issues = declaredBy(instruction, input).flatMap((variable): Issue[] => {
    const line = lineAt(instruction.source.pieces, variable.offset);
    const key = plainText(variable.key, 60);
    const judgement = judge(instruction, variable, input.file.escape);
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
  return [...new Map(issues.map(issue => [`${issue.line} ${issue.message}`, issue])).values()]; // ONBUILD may run in several stages
}

function isEmpty(value: string, escape: string): boolean {
  const { text, unknown } = expand(value, () => undefined, escape);
  return text === '' && unknown.length === 0;
}

function tokensIn({ name, source, heredocs }: Instruction): Issue[] {
  const message = (kind: string) => `${name} holds ${kind}`;
  return [
    ...findTokens(source.text).map(({ kind, offset }) => ({
      line: lineAt(source.pieces, offset),
      message: message(kind),
      remedy: REMEDY,
    })),
    ...heredocs.flatMap(({ content, line }) =>
      findTokens(content).map(({ kind, offset }) => ({
        line: line + content.slice(0, offset).split('\n').length - 1,
        message: message(kind),
        remedy: REMEDY,
      })),
    ),
  ];
}
