import { whatNameSays } from './secret-names';
import { findTokens } from './tokens';

/** The id of such a finding. Trivy has no rule of that name. */
export const SECRET_VARIABLE = 'secret-variable';

/**
 * Why a variable holds a secret: by its value alone, or by its name and its value together. `undefined` if it
 * holds none. The answer never has the value in it.
 *
 * A default password counts, `changeme` too: the program accepts it, and whoever reads the image knows it. A
 * placeholder for a token or a key opens nothing, and does not count.
 */
export function whySecret(name: string, value: string): string | undefined {
  const text = unquoted(value);
  return whySecretValue(text) ?? whySecretByName(name, text);
}

function whySecretByName(name: string, value: string): string | undefined {
  if (whatNameSays(name) !== 'secret' || isHarmless(value)) return undefined;
  switch (howSure(name)) {
    case 'password':
      return 'a password';
    case 'token':
      return isPlaceholder(value) ? undefined : 'a token or key';
    case 'unsure':
      return isRandom(value) && !isFingerprint(value) ? 'a value that looks random' : undefined;
  }
}

const PASSWORD = /(?:password|passwd|passphrase|passcode|pass|pwd|pword|secret|secrets)$/;
const TOKEN = /(?:token|apikey|credentials?|accesskey|privatekey|secretkey)$/;
const KEY = /^(?:api|secret|access|private|encryption|account|storage|master) key$/;

/**
 * What a secret is called at its end: `DB_PASSWORD`, `GITHUB_TOKEN`. Names that only contain such a word
 * (`AUTH_METHOD`, `PASSWORD_HASHER`), or end in `key`, `pat` or `auth`, name other things too.
 */
function howSure(name: string): 'password' | 'token' | 'unsure' {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/\d+(?=_|$)/g, '')
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '');
  const last = words.at(-1) ?? '';
  if (PASSWORD.test(last)) return 'password';
  return TOKEN.test(last) || KEY.test(words.slice(-2).join(' ')) ? 'token' : 'unsure';
}

/** Nothing, a switch, a small number, a path, the name of another variable, a place without a secret. */
const HARMLESS: readonly RegExp[] = [
  /^\s*$/,
  /^(?:true|false|yes|no|on|off|y|n|none|null|nil|undefined)$/i,
  /^(?:enabled?|disabled?|default|optional|required|auto)$/i,
  /^\d{1,3}$/,
  /^(?:\.{0,2}|~|[A-Za-z]:)[/\\][^\s=]*$/,
  /^\$\{?[A-Za-z_]\w*(?::?[-?+][^}]*)?\}?$/,
  /^(?:<[^<>]*>|\{\{[^{}]*\}\}|%[A-Za-z_]\w*%|\[[^[\]]*\])$/,
  /^(?:\*+|x{3,}|\.{3,}|-+)$/i,
  /^[a-z][a-z0-9+.-]{1,20}:\/\//i, // what an address can hide was looked for before
  /^(?:arn|env|file|op|secret|ssm|vault):\S+$/i,
];

function isHarmless(value: string): boolean {
  return HARMLESS.some(pattern => pattern.test(value));
}

function isPlaceholder(value: string): boolean {
  return (
    value.length < 8 ||
    /change.?(?:me|it|this)|replace|your[-_ ]|placeholder|example|dummy|insert|to.?do\b|sample|not.?(?:set|a.?real|used)|unused|xxx/i.test(
      value,
    ) ||
    /^(?:[a-z]+|[A-Z]+)(?:[-_ .:](?:[a-z]+|[A-Z]+))*$/.test(value) // words, which no token is made of
  );
}

/** Of a key that signs releases, as official images name it: `GPG_KEY`, `SWIFT_SIGNING_KEY`, `GOSU_KEY`. */
function isFingerprint(value: string): boolean {
  return value
    .split(/[\s,|]+/)
    .every(part => /^(?:0x)?(?:[0-9A-F]{16}|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})$/.test(part));
}

const LEAST_RANDOM = 16;
/** Bits for each character: words of a language have less, hexadecimal digits nearly 4, base64 up to 6. */
const LEAST_ENTROPY = 3;

/** Letters and digits without an order: no words, versions, lists, host names or dates. */
function isRandom(value: string): boolean {
  if (value.length < LEAST_RANDOM || !/^[\w+/=.:~!@#%^&*-]+$/.test(value)) return false;
  const isOfWords = value
    .split(/[^A-Za-z0-9]+/)
    .every(part => /^(?:[A-Z]{0,16}|[a-z]{0,16}(?:[A-Z][a-z]+)*)\d{0,8}$/.test(part));
  return !isOfWords && /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) >= LEAST_ENTROPY;
}

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}

const QUERY =
  /^[a-z][a-z0-9+.-]*:\/\/\S*[?&](?:[a-z]+[_-])?(?:token|api_?key|password|passwd|pwd|secret|client_secret)=([^&\s]+)/i;
/** `Server=…;Password=…`, `host=db user=app password=…`. */
const CONNECTION = /(?:^|[;?&\s])(?:password|pwd|shared_?access_?key)\s*=\s*([^;&\s]+)/i;
const HEADER = /(?:^|[\s:"'])(?:bearer|basic)\s+([A-Za-z0-9+/._~=-]{16,})/i;
/** Logins of registries, and keys of service accounts. */
const DOCUMENT =
  /["'](?:auth|identitytoken|password|private_key|client_secret|secret_access_key)["']\s*:\s*["']([^"'\s]{8,})/i;

/** By its value alone, whatever its name. */
export function whySecretValue(value: string): string | undefined {
  const [token] = findTokens(value).filter(
    ({ kind, offset }) => kind !== PASSWORD_IN_URL || !isReference(passwordAt(value, offset)),
  );
  if (token !== undefined) return token.kind;
  const inQuery = QUERY.exec(value)?.[1];
  if (inQuery !== undefined && !isReference(inQuery) && !isPlaceholder(inQuery)) return 'a secret in a URL';
  const inConnection = value.includes('=') ? CONNECTION.exec(value)?.[1] : undefined;
  // alone it is no connection: `PASSWORD=a` within a value has other parts beside it
  if (
    inConnection !== undefined &&
    /=[^=]+=/.test(value) &&
    !isReference(inConnection) &&
    !isHarmless(inConnection)
  ) {
    return 'a connection string with a secret';
  }
  const inHeader = HEADER.exec(value)?.[1];
  if (inHeader !== undefined && isRandom(inHeader)) return 'a login in a header';
  const inDocument = DOCUMENT.exec(value)?.[1];
  return inDocument !== undefined && !isReference(inDocument) && !isPlaceholder(inDocument)
    ? 'a document with a secret'
    : undefined;
}

const PASSWORD_IN_URL = 'a password in a URL';

function passwordAt(value: string, offset: number): string {
  return /:\/\/[^\s/:@]*:([^\s/@]+)@/.exec(value.slice(offset))?.[1] ?? '';
}

function isReference(value: string): boolean {
  return /^["']?(?:\$|%[A-Za-z_]\w*%|<|\{|\*+["']?$|x{3,}$|true|false|\/|file:)/i.test(value) || value === '';
}

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

/** A variable that holds a secret, by its name and by what its value is, never the value. */
export interface SecretVariable {
  readonly where: 'ENV' | 'ARG';
  readonly name: string;
  readonly kind: string;
}

/** What a config says of variables: those that a container gets, and those of the steps that built it. */
export interface Variables {
  readonly env: readonly string[];
  /** Texts of the history: of each step what created it, and its comment. */
  readonly history: readonly string[];
}

/** The secret variables of an image, each name once. */
export function secretVariables({ env, history }: Variables): SecretVariable[] {
  const found = new Map<string, SecretVariable>();
  const look = (where: SecretVariable['where'], name: string, value: string) => {
    const kind = whySecret(name, value);
    const shown = nameOf(name);
    if (kind !== undefined && !found.has(shown)) found.set(shown, { where, name: shown, kind });
  };
  for (const each of env) {
    const at = each.indexOf('=');
    look('ENV', at < 0 ? '' : each.slice(0, at), each.slice(at + 1));
  }
  for (const text of history) {
    for (const { where, name, value } of assignedIn(text)) look(where, name, value);
  }
  return [...found.values()];
}

/** What is no name of a variable may be the secret itself. */
function nameOf(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(name) && findTokens(name).length === 0
    ? name
    : 'without a plain name';
}

/**
 * Variables in the history, as builders write it: `ENV A=1 B=2`, `ARG A=1`, and before a command that had
 * arguments `|2 A=1 B=2 /bin/sh -c`. No quotes say where a value ends: it ends where the next one begins.
 */
function* assignedIn(text: string): Iterable<{ where: 'ENV' | 'ARG'; name: string; value: string }> {
  for (const [, mark = '', list = ''] of text.matchAll(STEP)) {
    const where = mark === 'ENV' ? 'ENV' : 'ARG';
    // one that was written with a space, as old files do: `ENV A 1`
    const [, name, value] = /^([A-Za-z_]\w*)[ \t]+(?!\w+=)(.+)$/s.exec(list) ?? [];
    if (where === 'ENV' && name !== undefined && value !== undefined && !value.includes('=')) {
      yield { where, name, value: value.trim() };
      continue;
    }
    const names = [...list.matchAll(/(?:^|\s)([A-Za-z_][\w.-]*)=/g)];
    for (const [index, match] of names.entries()) {
      const end = names[index + 1]?.index ?? list.length;
      yield { where, name: match[1]!, value: list.slice(match.index + match[0].length, end).trim() };
    }
  }
}

/** Up to what stands behind: another step, where several are in one text, or the shell of a command. */
const STEP =
  /(?:^|\s)(ENV|ARG|\|\d+)\s+((?:(?!\s(?:\/bin\/|\/usr\/bin\/|(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\s|\|\d+\s|# buildkit)).)*)/gs;
