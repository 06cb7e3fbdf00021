import { plainText } from '../../src/core/text/plain-text';
import { Finished } from '../tools/command';

/** cosign checked, and accepted or refused; or it could not check. */
export type Ending =
  | { readonly kind: 'ACCEPTED'; readonly claims: string }
  | { readonly kind: 'REFUSED'; readonly reason: string }
  | { readonly kind: 'UNDECIDED'; readonly reason: string };

const MAX_CLAIMS = 10_000;
const MAX_REASON = 500;
/**
 * No signature, and no signature that matches. @see
 * https://github.com/sigstore/cosign/blob/v3.1.3/cmd/cosign/errors/exit_codes.go
 */
const REFUSALS = [10, 12];
/** There is no exit code for bundles: a refusal ends with 1, like every other failure. */
const BUNDLE_REFUSAL = /^no matching attestations: /;
/**
 * A request that got no answer, or another one than "there is no such thing". cosign counts a signature that
 * it could not fetch, and a KMS that gave it no key, as a signature that does not match.
 */
const FAILED_REQUEST =
  /\b(?:Get|Head) "https?:|\b(?:GET|HEAD) https?:\S+ (?!\w+_UNKNOWN\b)|\boperation error\b|\b(?:dial|read|write) tcp\b|\bunexpected EOF\b|\bdeadline exceeded\b/;

/**
 * One failure cannot be detected: to cosign, a registry that cannot list referrers looks like one without
 * referrers.
 */
export function readEnding({ code, stdout, stderr }: Finished): Ending {
  if (code === 0) return { kind: 'ACCEPTED', claims: plainText(stdout, MAX_CLAIMS) };
  const error = errorIn(stderr);
  const refused = REFUSALS.includes(code) || BUNDLE_REFUSAL.test(error);
  return {
    kind: refused && !FAILED_REQUEST.test(error) ? 'REFUSED' : 'UNDECIDED',
    reason: plainText(error, MAX_REASON) || 'it said nothing',
  };
}

/**
 * cosign prints a warning, the reason, and the reason again for the log. The reason may have a line for each
 * signature.
 */
function errorIn(stderr: string): string {
  const [beforeLog] = stderr.split(/^.*error during command execution: /m);
  return beforeLog.split(/^Error: /m).pop()!;
}
