import { type Check, distinct } from './check';
import { plainText } from '../../src/core/text/plain-text';
import type { Source } from '../reading/reading';

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
/** Of Git: SHA-1, or SHA-256. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const REMEDY = 'write ADD --checksum=sha256:<digest>, or COPY a file that the repository holds';
const GIT_REMEDY =
  'name the commit behind the address: ADD <address of the repository>.git#<40 hex> /<folder>';

/** What ADD takes from a server is whatever the server gives on that day, unless ADD is told its checksum. */
export const unverifiedDownload: Check = {
  rule: 'unverified-download',
  trivy: [],
  issues: ({ reading: { sources, instructions } }) =>
    distinct([
      ...sources
        .filter(source => source.kind !== 'image' && !isVerified(source))
        .map(({ kind, name, line }) => ({
          line,
          message: `ADD downloads ${JSON.stringify(withoutLogin(name))} and checks nothing`,
          remedy: kind === 'git' ? GIT_REMEDY : REMEDY,
        })),
      ...instructions
        .filter(instruction => instruction.name === 'ADD' && instruction.undefined.length > 0)
        .map(({ line, undefined: variables }) => ({
          line,
          message: `what ADD takes depends on ${variables.map(name => plainText(name, 40)).join(', ')}, and can be a download`,
          remedy: REMEDY,
        })),
    ]),
};

function isVerified({ kind, checksum = '', ref = '' }: Source): boolean {
  return kind === 'git' ? COMMIT.test(checksum) || COMMIT.test(ref) : DIGEST.test(checksum);
}

/** A URL may hold a password, and a query a token. */
function withoutLogin(url: string): string {
  return plainText(url.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/s, ''), 120);
}
