const SECRET_WORDS = new Set([
  'password',
  'passwd',
  'pass',
  'passphrase',
  'passcode',
  'pwd',
  'pat',
  'secret',
  'secrets',
  'token',
  'credential',
  'credentials',
  'apikey',
  'privatekey',
  'accesskey',
  'secretkey',
]);
/** Two words that name a secret together. */
const SECRET_PAIRS = new Set([
  'api key',
  'private key',
  'access key',
  'secret key',
  'auth key',
  'encryption key',
  'signing key',
  'account key',
  'service key',
  'deploy key',
  'ssh key',
  'license key',
]);
/** `DBPASS`; a word that ends like one, and is none. */
const SECRET_END = /(?:password|passwd|passphrase|pass|pwd)$/;
const OTHER_WORDS = new Set([
  'allpass',
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
/** Keys that open nothing. */
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
  const isAccessKeyId = words.slice(-3).join(' ') === 'access key id';
  if (isAccessKeyId) return 'secret';
  const last = words.at(-1) ?? '';
  if (ABOUT.has(last)) return 'harmless';
  if (DOUBTFUL.has(last) || words.join(' ') === 'pwd') return undefined; // PWD alone is where a shell stands
  if (words.some((word, index) => isSecret(word) || SECRET_PAIRS.has(`${words[index - 1] ?? ''} ${word}`))) {
    return 'secret';
  }
  return HARMLESS_PAIRS.has(words.slice(-2).join(' ')) ? 'harmless' : undefined;
}

function isSecret(word: string): boolean {
  return SECRET_WORDS.has(word) || (SECRET_END.test(word) && !OTHER_WORDS.has(word));
}
