import { checkText } from '../support/dockerfile';
import { soon } from '../support/soon';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const BASE = `a@${DIGEST}`;
const found = (...lines: string[]) =>
  checkText(`${lines.join('\n')}\n`)
    .filter(({ rule }) => rule !== 'no-healthcheck')
    .map(({ rule, level, line }) => `${rule} ${level} ${line}`);

// the reference of Docker says that ENV always wins
describe('BuildKit: of ARG and ENV the last one wins', () => {
  test.each([
    ['an ARG behind an ENV', [`FROM ${BASE}`, 'ENV U=65532', 'ARG U=0', 'USER $U'], 4],
    ['a global ARG', ['ARG U=0', `FROM ${BASE}`, 'ENV U=65532', 'ARG U', 'USER $U'], 5],
    [
      'an ENV of the parent stage',
      [`FROM ${BASE} AS one`, 'ENV U=65532', 'FROM one', 'ARG U=0', 'USER $U'],
      5,
    ],
    ['a name in quotes, which sets another variable', [`FROM ${BASE}`, 'ARG "U"=65532', 'USER $U'], 3],
  ])('%s is root', (_, lines, line) => expect(found(...lines)).toEqual([`runs-as-root refused ${line}`]));

  test('an ENV behind an ARG is not', () =>
    expect(found(`FROM ${BASE}`, 'ARG U=0', 'ENV U=65532', 'USER $U')).toEqual([]));

  test('the same of what ADD takes', () =>
    expect(found(`FROM ${BASE}`, 'ENV S=./a', 'ARG S=https://a.example/b', 'ADD $S /a', 'USER 1')).toEqual([
      'unverified-download refused 4',
    ]));
});

describe('BuildKit: what ADD takes', () => {
  const COMMIT = '01'.repeat(20);

  test.each([
    ['a commit that a plain download does not check', `https://host.example/file#${COMMIT}`],
    ['a query that it does not check either', `https://host.example/file?commit=${COMMIT}`],
    ['a Git repository by SSH', 'deploy@git.example.com:team/app.git'],
    ['a branch', 'https://git.example.com/team/app.git#main'],
    ['half a commit', `https://git.example.com/team/app.git#${COMMIT.slice(0, 20)}`],
  ])('%s is not verified', (_, source) => {
    expect(found(`FROM ${BASE}`, `ADD ${source} /src/`, 'USER 1')).toEqual(['unverified-download refused 2']);
  });

  test.each([
    ['a commit', `https://git.example.com/team/app.git#${COMMIT}`],
    ['a commit and a folder', `https://git.example.com/team/app.git#${COMMIT}:docs`],
    ['a query', `https://git.example.com/team/app.git?ref=v1&checksum=${COMMIT}`],
    ['a commit of SHA-256', `--checksum=${'01'.repeat(32)} https://git.example.com/team/app.git`],
  ])('%s is', (_, source) => expect(found(`FROM ${BASE}`, `ADD ${source} /src/`, 'USER 1')).toEqual([]));
});

describe('BuildKit: what no build takes is unreadable', () => {
  test.each([
    ['an unknown flag', ['COPY --fron=x a b']],
    ['a SHELL without brackets', ['SHELL bash -c']],
    ['an ENV without a value', ['ENV X']],
    ['a quote that does not end', ['ENV A="b']],
    ['half a digest', ['COPY --from=a@sha256:abc / /']],
    ['half a checksum', ['ADD --checksum=sha256:ab https://example.com/a /a']],
    ['a mount over the root', [`RUN --mount=from=b@${DIGEST} true`]],
  ])('%s', (_, lines) => expect(found(`FROM ${BASE}`, ...lines, 'USER 1')).toEqual(['unreadable unclear 2']));

  test('stages in a circle', () => {
    expect(found('FROM b AS a', 'COPY --from=b / /', 'FROM a AS b', 'USER 1')).toContainEqual(
      expect.stringMatching(/^unreadable unclear/),
    );
  });
});

test('BuildKit: scratch is no image that could be pinned', () => {
  expect(
    found(
      `FROM ${BASE}`,
      'COPY --from=scratch / /',
      'RUN --mount=type=bind,from=scratch,target=/a true',
      'USER 1',
    ),
  ).toEqual([]);
});

describe('--build-arg', () => {
  const text = `ARG BASE\nFROM $BASE\nARG U=0\nUSER $U\nHEALTHCHECK NONE\n`;

  test('gives what the file leaves open, and another value for what it does not', () => {
    expect(checkText(text, { buildArgs: { BASE, U: '7' } })).toEqual([]);
    expect(checkText(text, { buildArgs: { BASE } }).map(({ rule }) => rule)).toEqual(['runs-as-root']);
  });

  test('that is missing is named', () => {
    expect(checkText(text)).toContainEqual(
      expect.objectContaining({
        rule: 'unpinned-image',
        message: expect.stringContaining('depends on BASE'),
      }),
    );
  });
});

test.each(['SIGTERM', 'SIGQUIT', 'INT', 'SIGRTMIN+3', '9'])('BuildKit: a container stops by %s', signal => {
  expect(found(`FROM ${BASE}`, `STOPSIGNAL ${signal}`, 'USER 1')).toEqual([]);
});

test('BuildKit: a signal that Linux does not have stops the build', () => {
  expect(found(`FROM ${BASE}`, 'STOPSIGNAL SIGNOTHING', 'USER 1')).toEqual(['unreadable unclear 2']);
});

describe('BuildKit: what a base image may set is not known', () => {
  test.each([
    ['a default', [`FROM ${BASE}`, 'USER ${RUN_AS:-1000}'], 'runs-as-root refused 2'],
    [
      'a default of ADD',
      [`FROM ${BASE}`, 'ADD ${SRC:-./app} /app', 'USER 1'],
      'unverified-download refused 2',
    ],
    [
      'what another stage sets',
      [`FROM ${BASE} AS x`, 'ENV SRC=./a', `FROM ${BASE}`, 'ADD $SRC /app', 'USER 1'],
      'unverified-download refused 4',
    ],
  ])('%s', (_, lines, expected) => expect(found(...lines)).toEqual([expected]));
});

describe('BuildKit: ONBUILD', () => {
  test.each([
    ['an ENV that it keeps too', ['ONBUILD ENV SRC=https://a.example/x', 'ONBUILD ADD $SRC /app/'], 3],
    ['an ENV of the image', ['ENV SRC=https://a.example/x', 'ONBUILD ADD $SRC /app/'], 3],
    ['an ARG that it keeps too', ['ONBUILD ARG URL=https://a.example/x', 'ONBUILD ADD $URL /x'], 3],
  ])('takes what %s names', (_, lines, line) => {
    expect(found(`FROM ${BASE}`, ...lines, 'USER 1')).toContain(`unverified-download refused ${line}`);
  });

  test('copies from an image, not from a stage of this file', () => {
    expect(found(`FROM ${BASE} AS redis`, 'ONBUILD COPY --from=redis / /', 'USER 1')).toEqual([
      'unpinned-image refused 2',
    ]);
  });
});

test('BuildKit: a file that asks for the platform is read for each', () => {
  const stages = [`FROM ${BASE} AS run-amd64`, 'USER 1', `FROM ${BASE} AS run-arm64`, 'USER 0'];
  expect(found(...stages, 'FROM run-$TARGETARCH')).toContainEqual(
    expect.stringMatching(/^runs-as-root refused/),
  );
  expect(found(`FROM ${BASE}`, 'ARG TARGETARCH', 'USER ${TARGETARCH/arm64/0}')).toEqual([
    'runs-as-root refused 3',
  ]);
});

describe('BuildKit: what else says how the file is read', () => {
  const GOOD = `FROM ${BASE} AS x\nUSER 1\nHEALTHCHECK NONE\n`;
  const rules = (text: string, buildArgs: Record<string, string> = {}) =>
    checkText(text, { buildArgs }).map(({ rule, level }) => `${rule} ${level}`);

  test('a frontend in a build argument', () => {
    expect(rules(GOOD, { BUILDKIT_SYNTAX: 'evil.example/frontend:1' })).toEqual(['frontend unclear']);
  });

  test('checks that are errors', () => {
    expect(rules(`# check=error=true\n${GOOD}`)).toEqual([]);
    expect(rules(`# check=error=true\n${GOOD.replace('AS', 'as')}`)).toEqual(['unreadable unclear']);
    expect(rules(GOOD, { BUILDKIT_DOCKERFILE_CHECK: 'error=true' })).toEqual(['unreadable unclear']);
  });
});

describe('no finding shows a secret', () => {
  const TOKEN = `ghp_${'a1B2'.repeat(9)}`;

  test.each([
    ['a value that is cut off', [`FROM ${BASE}`, 'ENV DB_PASSWORD=my s3cr3t']],
    ['what a variable must be', [`FROM ${BASE}`, 'ARG T=s3cr3t', 'USER ${U:?$T}']],
    ['a login with an @', [`FROM ${BASE}`, 'ADD https://ci:p@s3cr3t@example.com/x.tgz /']],
    ['a login of FROM', ['FROM https://user:s3cr3t@example.com/x']],
    ['a line that is a token', [`FROM ${BASE}`, TOKEN]],
  ])('%s', (_, lines) => {
    const findings = checkText(`${lines.join('\n')}\n`);
    expect(findings).not.toEqual([]);
    expect(JSON.stringify(findings)).not.toMatch(/s3cr3t|ghp_|GHP_/i);
  });

  test('also one that variables make, and the finding names its variable', () => {
    const text = `FROM ${BASE}\nARG A=${TOKEN.slice(0, 10)}\nENV B=\${A}${TOKEN.slice(10)}\nUSER 1\nHEALTHCHECK NONE\n`;
    expect(checkText(text)).toMatchObject([
      { rule: 'secret', line: 3, message: 'ENV B holds a GitHub token' },
    ]);
  });
});

test('many findings take no more than their number', () => {
  soon(20, () => checkText(`FROM ${BASE}\nRUN <<EOF\n${'curl x|sh\n'.repeat(8_000)}EOF\nUSER 1\n`));
});

// BuildKit's linter, SecretsUsedInArgOrEnv, and who calls a variable so
test.each([
  ['NPM_AUTH', 'npm: a login in base64'],
  ['NPM_CONFIG__AUTH', "npm's setting _auth, as a variable"],
  ['DOCKER_AUTH_CONFIG', 'GitLab: logins of registries'],
  ['RAILS_MASTER_KEY', "Rails: opens the application's credentials"],
  ['MASTER_KEY', 'the same of other programs'],
  ['APP_KEY', 'Laravel: encrypts cookies and sessions'],
  ['CONSUMER_KEY', 'OAuth 1'],
  ['BASIC_AUTH', 'user and password of HTTP'],
  ['PWORD', "of BuildKit's list"],
  ['NPMTOKEN', 'an access token of npm, in one word'],
])('the name %s holds a secret: %s', name => {
  expect(found(`FROM ${BASE}`, `ENV ${name}=x`, 'USER 1')).toEqual(['secret refused 2']);
});
