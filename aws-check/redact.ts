/** What stands in a published text in place of what it must not have. */
export const REDACTED = {
  account: '111122223333',
  key: 'REDACTED-KEY',
  secret: 'REDACTED',
} as const;

/** Access keys and the ids of roles and users, as IAM makes them. */
const KEY_ID = /\bA(?:KI|SI|RO|ID|NP|GP|PK)A[A-Z0-9]{12,}\b/g;
/** The role that single sign-on made for a permission set: it names the set, wherever it stands. */
const SSO_ROLE = /AWSReservedSSO_[\w+=,.@-]+/g;
/** Who somebody is: the name of a user or of a session. */
const PERSON = /(:(?:user|federated-user)\/|:assumed-role\/[\w+=,.@-]+\/)[\w+=,.@/-]+/g;
/** Parameters of signed URLs, and what follows them. */
const SIGNED =
  /((?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|Expires|token)=)[^&\s"'<>\\]+/gi;
const AUTHORIZATION = /\b((?:Basic|Bearer)\s+)[A-Za-z0-9+/=._~-]{8,}/g;
const SECRET_FIELD =
  /(secret|password|token|credential|signature|envelope|authorization|session|initiator|encryptionkey|principalid|useridentity|sourceip)/i;
/** Twelve digits that stand alone are the number of some account. */
const ACCOUNT = /(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])/g;

/**
 * A text without the number of any account, without keys, signatures and tokens. `private` is what the caller
 * knows to be so: the account, its keys, the name of the profile.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  const known = [...secrets]
    .filter(secret => secret.length >= 3)
    .sort((a, b) => b.length - a.length)
    .reduce(
      (all, secret) => all.replaceAll(secret, /^\d{12}$/.test(secret) ? REDACTED.account : REDACTED.secret),
      text,
    );
  return known
    .replace(PERSON, `$1${REDACTED.secret}`)
    .replace(SSO_ROLE, REDACTED.secret)
    .replace(SIGNED, `$1${REDACTED.secret}`)
    .replace(AUTHORIZATION, `$1${REDACTED.secret}`)
    .replace(KEY_ID, REDACTED.key)
    .replace(ACCOUNT, REDACTED.account);
}

/** The same for an answer of AWS: also values whose names say that nobody else needs them. */
export function redact(value: unknown, secrets: readonly string[] = []): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map(each => redact(each, secrets));
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') {
    return typeof value === 'number' || typeof value === 'bigint' ? redactNumber(value) : value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== '$metadata')
      .map(([name, each]) => [
        redactText(name, secrets),
        SECRET_FIELD.test(name) && typeof each === 'string' ? REDACTED.secret : redact(each, secrets),
      ]),
  );
}

function redactNumber(value: number | bigint): unknown {
  return /^\d{12}$/.test(String(value)) ? Number(REDACTED.account) : value;
}
