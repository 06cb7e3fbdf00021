/**
 * Words of BuildKit's linter (SecretsUsedInArgOrEnv): `NPM_AUTH`, `NPM_CONFIG__AUTH`, `DOCKER_AUTH_CONFIG`,
 * `BASIC_AUTH`, `RAILS_MASTER_KEY`, `MASTER_KEY`, `APP_KEY` (Laravel), `CONSUMER_KEY` (OAuth 1), `PWORD`.
 * @see https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
 */
const OF_BUILDKIT = [
  'apikey',
  'auth',
  'credential',
  'credentials',
  'key',
  'password',
  'passwd',
  'pword',
  'secret',
  'token',
];
/** Further words, as programs call their variables: `PGPASSWORD`, `GITHUB_PAT`, `SSH_PASSPHRASE`. */
const FURTHER = [
  'accesskey',
  'pass',
  'passcode',
  'passphrase',
  'pat',
  'privatekey',
  'pwd',
  'secretkey',
  'secrets',
];
const SECRET_WORDS = new Set([...OF_BUILDKIT, ...FURTHER]);
/** `DBPASS`, `NPMTOKEN`; then words that end like one, and are none. */
const SECRET_END = /(?:apikey|credentials?|password|passwd|passphrase|pass|pwd|pword|secret|token)$/;
const OTHER_WORDS = new Set([
  'allpass',
  'askpass',
  'bandpass',
  'bypass',
  'compass',
  'encompass',
  'highpass',
  'lowpass',
  'oldpwd',
  'overpass',
  'surpass',
  'trespass',
  'underpass',
]);
/** What says something about a secret, and is none. */
const ABOUT = new Set([
  'file',
  'path',
  'dir',
  'directory',
  'folder',
  'mount',
  'name',
  'names',
  'url',
  'uri',
  'endpoint',
  'host',
  'sock',
  'socket',
  'arn',
  'ttl',
  'expiry',
  'expires',
  'expiration',
  'lifetime',
  'age',
  'length',
  'min',
  'max',
  'count',
  'limit',
  'policy',
  'type',
  'issuer',
  'audience',
  'field',
  'version',
  'algorithm',
  'enabled',
  'disabled',
  'provider',
  'manager',
  'backend',
  'timeout',
  'seconds',
  'minutes',
  'hours',
  'days',
  'size',
  'rounds',
  'store',
  'bucket',
  'region',
  'reset',
  'required',
]);
/**
 * The same of most, but there are some that are as good as the secret: the secret id of Vault, a hash to be
 * guessed at.
 */
const DOUBTFUL = new Set(['id', 'ids', 'hash', 'checksum', 'sha', 'header', 'prefix', 'suffix']);
/** Keys that open nothing. BuildKit takes them for secrets, but for the public key. */
const HARMLESS_PAIRS = new Set([
  'cache key',
  'foreign key',
  'hash key',
  'partition key',
  'primary key',
  'public key',
  'range key',
  'sort key',
]);

/** What the name of a variable says of its value; `undefined` if nothing. */
export type NameSays = 'secret' | 'harmless' | undefined;

/**
 * `DB_PASSWORD`, `npmToken` and `API_KEY1` hold a secret; `DB_PASSWORD_FILE` and `TOKEN_TTL` say something
 * about one.
 */
export function whatNameSays(name: string): NameSays {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map(word => word.replace(/\d+$/, ''))
    .filter(word => word !== '');
  // half of a pair of which both halves are secret to a pusher of images
  if (words.slice(-3).join(' ') === 'access key id') return 'secret';
  const last = words.at(-1) ?? '';
  if (ABOUT.has(last)) return 'harmless';
  if (DOUBTFUL.has(last) || words.join(' ') === 'pwd') return undefined; // PWD alone is where a shell stands
  const pair = words.slice(-2).join(' ');
  // Docker's official images name the key by which a download was signed. A private one is found by its form.
  if (pair === 'gpg key') return undefined;
  if (words.some(isSecret) && !(HARMLESS_PAIRS.has(pair) && !words.slice(0, -2).some(isSecret))) {
    return 'secret';
  }
  return HARMLESS_PAIRS.has(pair) ? 'harmless' : undefined;
}

function isSecret(word: string): boolean {
  return SECRET_WORDS.has(word) || (SECRET_END.test(word) && !OTHER_WORDS.has(word));
}
