import { plainText } from '../../plain-text';
import { allInstructions, Check } from '../check';
import type { Complaint } from '../finding';
import type { Instruction } from '../instruction';
import { lineAt } from '../logical-lines';
import { findTokens, namesSecret } from '../tokens';
import { variablesOf } from '../variables';
import { expand } from '../words';

const REMEDY = 'take it out and revoke it; give the build RUN --mount=type=secret,id=<name>, and the container its secret when it starts';

/**
 * Secrets that the image or its history keeps: an ARG or ENV whose name says so, and tokens that are known by their form, wherever they
 * stand. The message has the name and never the value.
 */
export const secret: Check = {
  rule: 'secret',
  trivy: ['DS-0031'],
  complaints: ({ file }) => allInstructions(file).flatMap(instruction => {
    const named = namedSecrets(instruction, file.escape);
    const lines = new Set(named.map(({ line }) => line));
    return [...named, ...tokensIn(instruction).filter(({ line }) => !lines.has(line))];
  }),
};

function namedSecrets(instruction: Instruction, escape: string): Complaint[] {
  if (instruction.name !== 'ARG' && instruction.name !== 'ENV') return [];
  return variablesOf(instruction, escape).flatMap(({ key, value, offset }) => {
    if (!namesSecret(key)) return [];
    if (instruction.name === 'ENV' && isEmpty(value ?? '', escape)) return []; // says that there is none
    const where = instruction.name === 'ENV' ? 'in the image, for everyone who can pull it' : 'in the history of the image, or in the provenance of its build';
    return [{ line: lineAt(instruction.source.pieces, offset), message: `${instruction.name} ${plainText(key, 60)} holds a secret, which stays ${where}`, remedy: REMEDY }];
  });
}

function isEmpty(value: string, escape: string): boolean {
  const { text, unknown } = expand(value, () => undefined, escape);
  return text === '' && unknown.length === 0;
}

function tokensIn({ name, source, heredocs }: Instruction): Complaint[] {
  const message = (kind: string) => `${name} holds ${kind}`;
  return [
    ...findTokens(source.text).map(({ kind, offset }) => ({ line: lineAt(source.pieces, offset), message: message(kind), remedy: REMEDY })),
    ...heredocs.flatMap(({ content, line }) => findTokens(content).map(({ kind, offset }) => ({
      line: line + content.slice(0, offset).split('\n').length - 1, message: message(kind), remedy: REMEDY,
    }))),
  ];
}
