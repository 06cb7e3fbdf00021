import type { Check } from './check';
import type { Issue } from './finding';
import { plainText } from '../../src/core/text/plain-text';
import type { Step } from '../parse/stages';

const REMOTE = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/i;
const CHECKSUM =
  /^--checksum=(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}|[0-9a-f]{40}|[0-9a-f]{64})$/;
/** A Git source that names its commit: `…/a.git#<commit>`, `…/a.git?commit=<commit>`. */
const COMMIT = /(?:#|[?&](?:commit|checksum)=)[0-9a-f]{40}(?:[0-9a-f]{24})?(?:[:&#]|$)/;

/** What ADD takes from a server is whatever the server gives on that day, unless ADD is told its checksum. */
export const unverifiedDownload: Check = {
  rule: 'unverified-download',
  trivy: [],
  issues: ({ file, stages }) => {
    const steps = stages.flatMap(stage => stage.steps);
    const kept = file.instructions.flatMap(({ onbuild }) => (onbuild === undefined ? [] : [onbuild]));
    return unique([
      ...steps.filter(({ instruction }) => instruction.name === 'ADD').flatMap(complain),
      ...kept
        .filter(({ name }) => name === 'ADD')
        .flatMap(instruction =>
          complain({
            // its variables are those of a file that is not here
            instruction,
            words: instruction.args.split(/\s+/).map(text => ({ raw: text, text, unknown: [] })),
            flags: instruction.flags.map(text => ({ text, unknown: [] })),
          }),
        ),
    ]);
  },
};

function complain({ instruction, words, flags }: Step): Issue[] {
  if (flags.some(({ text }) => CHECKSUM.test(text))) return [];
  const { line } = instruction.source;
  const remedy = 'write ADD --checksum=sha256:<digest>, or COPY a file that the repository holds';
  for (const { raw, text, unknown } of words.slice(0, -1)) {
    if (REMOTE.test(text) && !COMMIT.test(text)) {
      return [
        { line, message: `ADD downloads ${JSON.stringify(withoutLogin(text))} and checks nothing`, remedy },
      ];
    }
    if (unknown.length > 0 && /^["']?\$/.test(raw) && !REMOTE.test(text)) {
      // a variable further on does not make a path a URL
      return [
        {
          line,
          message: `what ADD takes depends on ${unknown.map(name => plainText(name, 40)).join(', ')}, and can be a download`,
          remedy,
        },
      ];
    }
  }
  return [];
}

/** A URL may hold a password, and a query a token. */
function withoutLogin(url: string): string {
  return plainText(url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/s, ''), 120);
}

function unique(issues: readonly Issue[]): Issue[] {
  return [...new Map(issues.map(issue => [issue.line, issue])).values()];
}
