import { outcomeOf } from '../../dockerfile/report';
import { ECR_HOSTS, INVALID, VALID, VALID_SHA512 } from '../core/image/references';
import { checkText } from '../support/dockerfile';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const BASE = `a:1@${DIGEST}`;
const GOOD = [`FROM ${BASE}`, 'USER 65532:65532', 'HEALTHCHECK NONE'];
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;

const found = (...lines: string[]) =>
  checkText(lines.join('\n')).map(({ rule, level, line }) => `${rule} ${level} ${line}`);
/** A file that is good but for what stands behind its FROM. */
const withLines = (...lines: string[]) => found(GOOD[0]!, ...lines, ...GOOD.slice(1));

test('a good file has no findings', () => expect(found(...GOOD)).toEqual([]));

describe('unpinned-image', () => {
  test.each([
    ['a digest', [`FROM a@${DIGEST}`]],
    ['a digest in an ARG', [`ARG BASE=${BASE}`, 'FROM $BASE']],
    ['scratch', ['FROM scratch']],
    ['a stage', [`FROM ${BASE} AS one`, 'FROM one', 'COPY --from=one /a /b', 'COPY --from=0 /a /b']],
    ['COPY from a digest', [`FROM ${BASE}`, `COPY --from=b@${DIGEST} /a /b`]],
  ])('takes %s', (_, lines) => expect(found(...lines, ...GOOD.slice(1))).toEqual([]));

  test.each([
    ['a tag', ['FROM a:1'], 1],
    ['latest', ['FROM a'], 1],
    ['an ARG with a tag', ['ARG BASE=a:1', 'FROM ${BASE}'], 2],
    ['COPY from a tag', [`FROM ${BASE}`, 'COPY --from=b:1 /a /b'], 2],
    ['a mount', [`FROM ${BASE}`, 'RUN --mount=type=bind,from=b:1,target=/b x'], 2],
    ['a mount in quotes', [`FROM ${BASE}`, 'RUN --mount=type=bind,\'"from=b:1"\',target=/x true'], 2],
    ['a mount in escaped quotes', [`FROM ${BASE}`, 'RUN --mount=type=bind,\\"from=b\\",target=/x true'], 2],
    ['a mount with an escape', [`FROM ${BASE}`, 'RUN --mount=type=bind,fr\\om=b,target=/x true'], 2],
    ['the last of two', [`FROM ${BASE}`, `RUN --mount=from=b@${DIGEST},FROM=b:1,target=/b true`], 2],
    ['what ONBUILD copies', [`FROM ${BASE}`, 'ONBUILD COPY --from=b:1 /a /b'], 2],
  ])('refuses %s', (_, lines, line) =>
    expect(found(...lines, ...GOOD.slice(1))).toEqual([`unpinned-image refused ${line}`]),
  );

  test('refuses an ARG without a default, without which nothing builds', () =>
    expect(found('ARG BASE', 'FROM $BASE', ...GOOD.slice(1))).toEqual([
      'unpinned-image refused 2',
      'unreadable unclear 2',
    ]));

  test.each([...VALID, VALID_SHA512])('reads %j', (text, { digest }) => {
    expect(found(`FROM ${text}`, ...GOOD.slice(1))).toEqual(
      digest === undefined ? ['unpinned-image refused 1'] : [],
    );
  });

  // a Dockerfile splits words itself
  test.each(INVALID.filter(text => /^[^\s$]+$/.test(text)))('refuses %j', text => {
    expect(found(`FROM ${text}`, ...GOOD.slice(1)).join()).toMatch(
      /^(?:unreadable unclear|unpinned-image refused) 1$/,
    );
  });

  test.each(ECR_HOSTS)('reads names of Amazon ECR: %s by %s', (_, host) => {
    expect(found(`FROM ${host}/team/app@${DIGEST}`, ...GOOD.slice(1))).toEqual([]);
    expect(found(`FROM ${host}/team/a--b@${DIGEST}`, ...GOOD.slice(1))).toEqual(['unpinned-image refused 1']);
  });
});

test.each([
  [
    'quotes within a field',
    [`FROM ${BASE}`, 'RUN --mount=type=bind,fr\'"o"\'m=b,target=/x true'],
    'unreadable unclear 2',
  ],
  [
    'quotes that do not end',
    [`FROM ${BASE}`, "RUN --mount='\"from=b',target=/x true"],
    'unreadable unclear 2',
  ],
  ['nothing', [`FROM ${BASE}`, 'RUN --mount= true'], 'unreadable unclear 2'],
  [
    'an escape of the shell of another system',
    ['# escape=`', `FROM ${BASE}`, 'RUN --mount=type=bind,fr\\om=b,target=/x true'],
    'unreadable unclear 3',
  ],
])('nobody can tell what a mount is of %s', (_, lines, expected) =>
  expect(found(...lines, ...GOOD.slice(1))).toEqual([expected]),
);

test('a backslash that is in no flag is plain', () => {
  expect(
    found(
      '# escape=`',
      `FROM ${BASE}`,
      'RUN --mount=type=bind,source=a,target=/x dir C:\\a',
      'COPY C:\\a C:\\b',
      ...GOOD.slice(1),
    ),
  ).toEqual([]);
});

describe('runs-as-root', () => {
  test.each([
    ['a number', ['USER 1000']],
    ['a name', ['USER app:app']],
    ['the last USER', ['USER root', 'USER 1000']],
    ['an ARG', ['ARG U=1000', 'USER $U']],
    ['the USER of the stage it builds on', ['USER 1000', 'FROM one']],
  ])('takes %s', (_, lines) =>
    expect(found(`FROM ${BASE} AS one`, 'HEALTHCHECK NONE', ...lines)).toEqual([]),
  );

  test.each([
    ['no USER', [], 1],
    ['root', ['USER root'], 3],
    ['0', ['USER 0:1000'], 3],
    ['00', ['USER 00'], 3],
    ['an id that wraps to 0', ['USER 4294967296'], 3],
    ['root behind another', ['USER 1000', 'USER root'], 4],
    ['what only the build knows', ['ARG U', 'USER $U'], 4],
    ['an ARG that is root', ['ARG U=root', 'USER ${U}'], 4],
    ['an escaped line end', ['USER 1000', 'RUN a \\', '  b', 'USER ro\\', 'ot'], 6],
    ['what ONBUILD keeps', ['USER 1', 'ONBUILD USER root', 'FROM one'], 4],
  ])('refuses %s', (_, lines, line) =>
    expect(found(`FROM ${BASE} AS one`, 'HEALTHCHECK NONE', ...lines)).toEqual([
      `runs-as-root refused ${line}`,
    ]),
  );

  test('a USER in a heredoc is none', () => {
    expect(found(`FROM ${BASE}`, 'HEALTHCHECK NONE', 'RUN <<EOF', 'USER 1000', 'EOF')).toEqual([
      'runs-as-root refused 1',
    ]);
  });

  test('--target says which stage counts', () => {
    const text = `FROM ${BASE} AS one\nHEALTHCHECK NONE\nFROM ${BASE}\nUSER 1\nHEALTHCHECK NONE\n`;
    expect(outcomeOf(checkText(text))).toBe('PASS');
    expect(outcomeOf(checkText(text, { target: 'ONE' }))).toBe('FAIL');
    expect(outcomeOf(checkText(text, { target: 'two' }))).toBe('ERROR');
  });
});

describe('secret', () => {
  test.each([
    ['a path', ['ENV DB_PASSWORD_FILE=/run/secrets/db']],
    ['an empty value', ['ENV NPM_TOKEN=']],
    ['a mount', ['RUN --mount=type=secret,id=npm npm ci']],
    ['a number about one', ['ENV TOKEN_TTL=60 PASSWORD_MIN_LENGTH=12 TOKEN_FILE_2=/a']],
    ['other words', ['ENV PATH=/bin COMPASS=n BYPASS=1 PATTERN=a PWD=/app OLDPWD=/ ENCOMPASS=1 CACHE_KEY=a']],
    ['a program that asks', ['ENV GIT_ASKPASS=/bin/true']],
    ['a connection without its password', ['ENV DSN="host=db user=app"']],
    ['a URL', ['RUN curl -fO https://example.com/a:b/c@1']],
  ])('takes %s', (_, lines) => expect(withLines(...lines)).toEqual([]));

  test.each([
    ['ENV', ['ENV DB_PASSWORD=hunter2'], 2],
    ['the old form', ['ENV DB_PASSWORD hunter2'], 2],
    ['ARG', ['ARG NPM_TOKEN'], 2],
    ['camel case', ['ENV apiKey=a'], 2],
    ['a continued line', ['ENV A=1 \\', '    B=2 \\', '    MY_SECRET=a'], 4],
    ['a token', [`RUN echo ${TOKEN}`], 2],
    ['a token in a LABEL', [`LABEL a=${TOKEN}`], 2],
    ['a token in a heredoc', ['COPY <<EOF /a', 'x', TOKEN, 'EOF'], 4],
    ['a password in a URL', ['RUN git clone https://me:hunter2@example.com/a'], 2],
    ['ONBUILD', ['ONBUILD ARG NPM_TOKEN'], 2],
    ['a short word', ['ENV DB_PWD=hunter2'], 2],
    ['a number behind it', ['ENV API_KEY1=a'], 2],
    ['another number', ['ENV TOKEN2=a'], 2],
    ['words in one', ['ENV DBPASS=a'], 2],
    ['a PAT', ['ENV GITHUB_PAT=a'], 2],
    ['quotes in its name', ['ENV NPM_TO""KEN=a'], 2],
    ['a name in quotes', ['ENV "NPM_TOKEN"=a'], 2],
    ['an escape in its name', ['ENV NPM_TO\\KEN a'], 2],
    ['a signed URL', [`ENV DOWNLOAD=https://example.com/a?sig=${'aB3'.repeat(10)}`], 2],
    [
      'a signed URL in a command',
      [`RUN curl -fO "https://example.com/a?X-Amz-Signature=${'0f'.repeat(32)}"`],
      2,
    ],
    ['a connection', ['ENV DSN="host=db user=app password=hunter2"'], 2],
    ['a value that comes by a variable', ['ARG A=hunter2', 'ENV DSN="host=db user=app password=$A"'], 3],
    ['a private key', ['RUN echo "-----BEGIN RSA PRIVATE KEY-----"'], 2],
  ])('refuses %s', (_, lines, line) => expect(withLines(...lines)).toEqual([`secret refused ${line}`]));

  test.each([
    ['ENV', ['ENV $X=a'], 2],
    ['a name in a variable', ['ARG X=NPM_TOKEN', 'ENV $X=a'], 3],
    ['the old form', ['ENV A_$X a'], 2],
    ['an ARG without a default', ['ARG X', 'ENV ${X}_A=b'], 3],
    ['ONBUILD', ['ONBUILD ENV $X=a'], 2],
  ])('nobody can tell where the name depends on the build: %s', (_, lines, line) =>
    expect(withLines(...lines)).toEqual([`secret unclear ${line}`]),
  );

  test('a name that nobody knows hides no token', () => {
    expect(withLines(`ENV $X=${TOKEN}`)).toEqual(['secret unclear 2', 'secret refused 2']);
  });

  test('a name in quotes is the one that USER takes', () => {
    expect(found(...GOOD, 'ARG U=1', 'ENV "U"=root', 'USER $U')).toEqual(['runs-as-root refused 6']);
  });

  test('is never in what is said of it', () => {
    expect(
      JSON.stringify(
        checkText(
          `FROM ${BASE}\nENV DB_PASSWORD=hunter2 T=${TOKEN}\nRUN git clone https://me:hunter2@example.com\n`,
        ),
      ),
    ).not.toMatch(/hunter2|ghp_/);
  });
});

describe('unverified-download', () => {
  test.each([
    ['a checksum', `ADD --checksum=${DIGEST} https://example.com/a /a`],
    ['a file', 'ADD a.tar /a'],
    ['a commit', `ADD https://github.com/a/b.git#${'ab'.repeat(20)} /a`],
  ])('takes %s', (_, line) => expect(withLines(line)).toEqual([]));

  test.each([
    ['a URL', 'ADD https://example.com/a /a'],
    ['the exec form', 'ADD ["https://example.com/a", "/a"]'],
    ['a repository', 'ADD git@github.com:a/b.git /a'],
    ['a branch', 'ADD https://github.com/a/b.git#main /a'],
    ['ONBUILD', 'ONBUILD ADD https://example.com/a /a'],
  ])('refuses %s', (_, line) => expect(withLines(line)).toEqual(['unverified-download refused 2']));

  test('refuses a URL in an ARG', () =>
    expect(withLines('ARG URL=https://example.com/a', 'ADD $URL /a')).toEqual([
      'unverified-download refused 3',
    ]));
});

describe('piped-to-shell', () => {
  test.each([
    ['a file', 'RUN curl -fsSLo a https://example.com/a && echo "ab  a" | sha256sum -c && sh a'],
    ['another program', 'RUN curl -fsS https://example.com/a | tar xz'],
    ['a program that runs its own text', 'RUN curl -fsS https://example.com/a | python -m json.tool'],
    ['quotes', 'RUN echo "curl a | sh"'],
    ['a comment', 'RUN true # curl a | sh'],
    ['the exec form', 'RUN ["echo", "curl a | sh"]'],
    ['a group with a file', 'RUN { curl -fsSo a https://example.com/a; sh a; } | cat'],
    ['a variable', 'RUN curl ${A:-b} > c; { echo ${A}; } | sh'],
    ['a time limit', 'RUN curl https://example.com/a | timeout 60 tar xz'],
    ['a script in a script', 'RUN bash -c "curl -fsSLo a https://example.com/a && sh a"'],
    ['a user', 'RUN curl https://example.com/a | sudo -u bash tar xz'],
  ])('takes %s', (_, line) => expect(withLines(line)).toEqual([]));

  test.each([
    ['sh', 'RUN curl -fsS https://example.com/a | sh'],
    ['sudo', 'RUN wget -qO- https://example.com/a|sudo -E bash -'],
    ['arguments', 'RUN curl https://example.com/a | sh -s -- --yes'],
    ['something between', 'RUN curl https://example.com/a | tee a | bash'],
    ['an interpreter', 'RUN curl https://example.com/a | python3 -'],
    ['a substitution', 'RUN sh -c "$(curl -fsS https://example.com/a)"'],
    ['<( )', 'RUN bash <(curl -s https://example.com/a)'],
    ['eval', 'RUN eval `curl -s https://example.com/a`'],
    ['the exec form', 'RUN ["sh", "-c", "curl https://example.com/a | sh"]'],
    ['ONBUILD', 'ONBUILD RUN curl https://example.com/a | sh'],
    ['2>&1', 'RUN curl https://example.com/a 2>&1 | sh'],
    ['a group', 'RUN { echo set -e; curl https://example.com/a; } | sh'],
    ['a subshell', 'RUN (curl https://example.com/a) | sh'],
    ['an interpreter with arguments', 'RUN curl -sSL https://example.com/a | python3 - --version 1.8.3'],
    ['another version of it', 'RUN curl https://example.com/a | python3.12'],
    ['a shell with arguments', 'RUN curl https://example.com/a | bash /dev/stdin --channel LTS'],
    ['perl', 'RUN curl -L https://example.com/a | perl - App::cpanminus'],
    ['another user', 'RUN curl https://example.com/a | sudo -u app bash -'],
    ['a time limit', 'RUN timeout 30 curl https://example.com/a | timeout -k 5 60 sh'],
    ['gosu', 'RUN curl https://example.com/a | gosu app sh'],
    ['su', 'RUN curl https://example.com/a | su app -c sh'],
    ['busybox', 'RUN curl https://example.com/a | busybox sh'],
    ['a shell with an option', 'RUN curl https://example.com/a | bash -o pipefail'],
    ['a script in a script', 'RUN bash -c "curl -fsSL https://example.com/a | bash"'],
    ['the middle of a text', 'RUN sh -c "x; $(curl https://example.com/a)"'],
    ['options in one', 'RUN ["sh", "-ce", "curl https://example.com/a | sh"]'],
    ['the end of options', 'RUN ["sh", "-c", "--", "curl https://example.com/a | sh"]'],
  ])('refuses %s', (_, line) => expect(withLines(line)).toEqual(['piped-to-shell refused 2']));

  test('names the line', () => {
    expect(withLines('RUN true \\', '  && curl https://example.com/a | sh')).toEqual([
      'piped-to-shell refused 3',
    ]);
    expect(withLines('RUN <<EOF', 'true', 'curl https://example.com/a | sh', 'EOF')).toEqual([
      'piped-to-shell refused 4',
    ]);
  });
});

test.each([
  ['RUN --network=none make', []],
  ['RUN make --network=host', []],
  ['RUN --network=host make', ['privileged-build refused 2']],
  ['RUN --security=insecure make', ['privileged-build refused 2']],
  ['RUN --device=vendor.example/device=all make', ['privileged-build refused 2']],
])('privileged-build: %s', (line, expected) => expect(withLines(line)).toEqual(expected));

test.each([
  [`docker/dockerfile:1@${DIGEST}`, []],
  ['docker/dockerfile:1', ['frontend warned 1']],
  ['docker/dockerfile:1@sha256:', ['frontend warned 1']],
  ['example/frontend:1', ['frontend unclear 1']],
  ['docker/dockerfile-evil:1', ['frontend unclear 1']],
])('frontend: %s', (image, expected) => expect(found(`# syntax=${image}`, ...GOOD)).toEqual(expected));

test('no-healthcheck warns, and HEALTHCHECK says something', () => {
  expect(found(...GOOD.slice(0, 2))).toEqual(['no-healthcheck warned 1']);
  expect(found(...GOOD.slice(0, 2), 'HEALTHCHECK CMD ["true"]')).toEqual([]);
});
