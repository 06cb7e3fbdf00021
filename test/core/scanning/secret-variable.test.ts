import { OFFICIAL } from './official-variables';
import { secretVariables, whySecret } from '../../../src/core/scanning/secret-variable';

const HEX = '3f7a9c1e5b8d2046a7c3e9f1b5d80264c7a3e9f1';
const B64 = 'Zk9xT2l3S3VQbTdhTnZlUTRjUnQ4WXpMMGhKZ1ZzRDE=';

describe('a variable holds a secret', () => {
  test.each([
    ['DB_PASSWORD', 'hunter2'],
    ['DB_PASS', 'hunter2'],
    ['DBPASS', 'hunter2'],
    ['PGPASSWORD', 'x1'],
    ['POSTGRES_PASSWORD', 'postgres'],
    ['POSTGRES_PASSWORD', 'changeme'],
    ['KEYCLOAK_ADMIN_PASSWORD', 'admin'],
    ['JWT_SECRET', 'changeme'],
    ['SSH_PASSPHRASE', 'correct horse battery staple'],
    ['GITHUB_TOKEN', HEX],
    ['npmToken', HEX],
    ['API_KEY', B64],
    ['API_KEY2', HEX],
    ['AWS_SECRET_ACCESS_KEY', B64],
    ['APP_KEY', `base64:${B64}`],
    ['RAILS_MASTER_KEY', HEX.slice(0, 32)],
    ['SECRET_KEY_BASE', HEX + HEX],
    ['GITHUB_PAT', HEX],
    ['DB_PASSWORD', '"hunter2"'],
    ['STORAGE', `https://acme.blob.core.windows.net/a?sv=2024-01-01&sig=${encodeURIComponent(B64)}&se=2030`],
    ['DOWNLOAD', `https://acme.s3.amazonaws.com/a?X-Amz-Expires=60&X-Amz-Signature=${HEX}`],
    ['FEED_URL', `https://example.com/feed?access_token=${HEX}`],
    ['DATABASE_URL', 'postgres://app:hunter2@db:5432/app'],
    ['AMQP', 'amqp://guest:guest@mq/'],
    ['CONNECTION', 'Server=db;Database=app;User Id=app;Password=hunter2;'],
    ['DSN', 'host=db user=app password=hunter2'],
    [
      'STORAGE',
      `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${B64}${B64};EndpointSuffix=core.windows.net`,
    ],
    ['HEADERS', `Authorization: Bearer ${HEX}`],
    ['DOCKER_AUTH_CONFIG', `{"auths":{"example.com":{"auth":"${B64}"}}}`],
    ['ANYTHING', `ghp_${'a1'.repeat(18)}`],
  ])('%s=%s', (name, value) => {
    const why = whySecret(name, value);
    expect(why).toBeDefined();
    expect(why).not.toContain(value);
  });
});

describe('a variable holds none', () => {
  test.each([
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD', ' '],
    ['DB_PASSWORD', '""'],
    ['DB_PASSWORD', '$DB_PASSWORD'],
    ['DB_PASSWORD', '${DB_PASSWORD:-}'],
    ['DB_PASSWORD', '/run/secrets/db'],
    ['DB_PASSWORD', '<your password>'],
    ['DB_PASSWORD', '{{ db_password }}'],
    ['DB_PASSWORD', '********'],
    ['DB_PASSWORD', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:db'],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['ALLOW_EMPTY_PASSWORD', 'yes'],
    ['MYSQL_RANDOM_ROOT_PASSWORD', '1'],
    ['PASSWORD_STORE_DIR', '/home/app/.password-store'],
    ['PASSWORD_HASHER', 'argon2'],
    ['GITHUB_TOKEN', 'changeme'],
    ['GITHUB_TOKEN', 'your-token-here'],
    ['API_KEY', 'dummy'],
    ['TOKENIZERS_PARALLELISM', 'false'],
    ['MAX_TOKENS', '4096'],
    ['TOKEN_TTL', '3600'],
    ['AUTH_METHOD', 'oidc'],
    ['AUTH_URL', 'https://auth.example.com/realms/app'],
    ['AUTH_PROVIDER', 'keycloak'],
    ['AUTH_MODE', 'client_credentials_with_post_v2'],
    ['KEYCLOAK_URL', 'https://example.com/auth'],
    ['KEYCLOAK_REALM', 'app'],
    ['KEYSTORE_TYPE', 'PKCS12'],
    ['S3_KEY', 'builds/2026/app.zip'],
    ['SORT_KEY', 'createdAt'],
    ['GPG_KEY', 'A035C8C19219BA821ECEA86B64E628F8D684696D'],
    ['SWIFT_SIGNING_KEY', '52BB7E3DE28A71BE22EC05FFEF80A866B47A981F'],
    ['RELEASE_KEY', '0x0A9AF2115F4687BD29803A206B73A36E6026DFCA'],
    ['SIGNING_KEY_ID', '0x0A9AF2115F4687BD'],
    ['PYTHON_SHA256', `${HEX}${HEX.slice(0, 24)}`],
    ['DOWNLOAD_TOKEN_SHA256', `${HEX}${HEX.slice(0, 24)}`],
    ['GIT_COMMIT', HEX],
    ['BUILD_ID', '550e8400-e29b-41d4-a716-446655440000'],
    ['DATABASE_URL', 'postgres://db:5432/app'],
    ['DATABASE_URL', 'postgres://app@db/app'],
    ['DATABASE_URL', 'postgres://app:${DB_PASSWORD}@db/app'],
    ['DATABASE_URL', 'postgres://app:$DB_PASSWORD@db/app'],
    ['CONNECTION', 'Server=db;Database=app;Password=${DB_PASSWORD}'],
    ['SOURCE', 'https://example.com/a.tar.gz?version=1&key=a'],
    ['GIT_ASKPASS', 'echo'],
    ['SSH_AUTH_SOCK', '/run/ssh'],
    ['JAVA_OPTS', '-Xmx1g -Djavax.net.ssl.trustStorePassword=changeit'],
  ])('%s=%s', (name, value) => expect(whySecret(name, value)).toBeUndefined());
});

describe('none of an official image holds one', () => {
  test.each(Object.entries(OFFICIAL))('%s', (_, variables) => {
    expect(secretVariables({ env: variables, history: [] })).toEqual([]);
    expect(secretVariables({ env: [], history: variables.map(each => `ENV ${each}`) })).toEqual([]);
    expect(secretVariables({ env: [], history: [`ENV ${variables.join(' ')}`] })).toEqual([]);
  });

  test('of fifty and more', () => expect(Object.keys(OFFICIAL).length).toBeGreaterThanOrEqual(50));
});

describe('the history', () => {
  test.each([
    ['ENV DB_PASSWORD=hunter2', ['ENV DB_PASSWORD']],
    ['ENV A=1 DB_PASSWORD=hunter2 B=2', ['ENV DB_PASSWORD']],
    ['ENV DB_PASSWORD hunter2', ['ENV DB_PASSWORD']],
    ['/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2', ['ENV DB_PASSWORD']],
    ['/bin/sh -c #(nop)  ARG NPM_TOKEN', []],
    [`ARG NPM_TOKEN=${HEX}`, ['ARG NPM_TOKEN']],
    [`RUN |2 A=1 NPM_TOKEN=${HEX} /bin/sh -c npm ci # buildkit`, ['ARG NPM_TOKEN']],
    [`|1 NPM_TOKEN=${HEX} /bin/sh -c npm ci`, ['ARG NPM_TOKEN']],
    [`FROM a ENV A=1 RUN /bin/sh -c true ENV DB_PASSWORD=hunter2 CMD ["a"]`, ['ENV DB_PASSWORD']],
    ['RUN /bin/sh -c DB_PASSWORD=$(cat /run/secrets/a) true', []],
    ['ENV DB_PASSWORD= A=hunter2', []],
    ['LABEL ENV=production', []],
  ])('%s', (text, names) => {
    expect(
      secretVariables({ env: [], history: [text] }).map(({ where, name }) => `${where} ${name}`),
    ).toEqual(names);
  });

  test('names a variable once, by where a container has it', () => {
    expect(secretVariables({ env: ['DB_PASSWORD=hunter2'], history: ['ENV DB_PASSWORD=hunter1'] })).toEqual([
      { where: 'ENV', name: 'DB_PASSWORD', kind: 'a password' },
    ]);
  });
});

test('a name that is a secret itself is not shown', () => {
  const token = `ghp_${'a1'.repeat(18)}`;
  expect(JSON.stringify(secretVariables({ env: [token, `${token}=1`, `x y=${token}`], history: [] }))).toBe(
    '[{"where":"ENV","name":"without a plain name","kind":"a GitHub token"}]',
  );
});

test.each([
  ['capitals', `${'aA'.repeat(40_000)}9-`],
  ['one letter', 'a'.repeat(200_000)],
  ['blanks', `ENV ${' '.repeat(200_000)}`],
  ['assignments', 'ENV ' + 'A=1 '.repeat(50_000)],
  ['passwords', ';password='.repeat(20_000)],
  ['queries', `a://${'?token='.repeat(20_000)}`],
  ['quotes', `"auth":`.repeat(20_000)],
  ['colons', 'a://b:'.repeat(20_000)],
])('rule 5.6, limits: %s take no time', (_, text) => {
  const started = Date.now();
  whySecret('MASTER_KEY', text);
  secretVariables({ env: [`A=${text}`], history: [text] });
  // milliseconds; with a search that begins again at each character, minutes
  expect(Date.now() - started).toBeLessThan(30_000);
});
