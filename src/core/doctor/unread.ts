import { unknown, type Look } from './line';
import { plainText } from '../text/plain-text';

/** A right, as IAM names it. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
}

/** What is known of an error of AWS. */
export interface ReadError {
  readonly name: string;
  readonly message: string;
  readonly isDenied: boolean;
}

const NONE = '-';

/** AWS says which right on what: most services in these words. */
const NAMED = /not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/;

/**
 * A check that could not read. Of a refusal it says which right is missing, as AWS says it; where AWS does
 * not, the rights that the check needs.
 */
export function unread(needed: readonly Permission[], error: ReadError): Look {
  if (!error.isDenied) {
    const said = plainText([error.name, error.message].join(': '), 300);
    return unknown(NONE, `not read: ${said}`, 'run it again; look up the error if it stays');
  }
  const missing = missingIn(error.message, needed);
  const rights = missing.map(({ action, resource }) => `${action} on ${resource}`).join(', ');
  return unknown(NONE, `not allowed to read: ${rights}`, `let who runs this do ${rights}`);
}

function missingIn(message: string, needed: readonly Permission[]): readonly Permission[] {
  const [, action, resource] = NAMED.exec(message) ?? [];
  if (action === undefined) return needed;
  // services write their own names in capitals or not: `SNS:ListSubscriptionsByTopic`
  const own = needed.find(each => each.action.toLowerCase() === action.toLowerCase());
  return [
    {
      action: own?.action ?? plainText(action, 100),
      resource: plainText(resource ?? own?.resource ?? '*', 300),
    },
  ];
}
