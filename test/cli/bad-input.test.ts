import { execFileSync, spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { runCli } from './run-cli';
import { CLI, Workshop, type Ended } from './scan/workshop';

let shop: Workshop;
let image: string;
beforeAll(async () => {
  shop = await Workshop.open();
  image = await shop.layout('clean');
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

/**
 * On standard error, one line; or the answer of an indeterminate scan, with a line that says what to do.
 */
function expectToldInOneLine({ code, out, err }: Ended, says: RegExp): void {
  expect([2, 64]).toContain(code);
  expect(out + err).toMatch(says);
  expect(out + err).not.toMatch(/^\s+at |\bnode:internal\b|Error: .*\n\s+at /m);
  if (out === '') {
    expect(err).toMatch(/^error: [^\n]+\n(?:\(--help lists what is allowed\)\n)?$/);
  } else {
    expect([out, err]).toEqual([
      expect.stringMatching(/^INDETERMINATE [^]*\n[A-Z_]+(?: in \S+)?: [^\n]+\n {2}-> [^\n]+\n$/),
      '',
    ]);
  }
}

const NO_NETWORK = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
};
const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app';

describe('no Trivy', () => {
  test.each([
    ['on PATH', []],
    ['where it is named', ['--trivy', './nothing']],
    ['that is a program', ['--trivy', '/']],
  ])('%s', async (_, more) => {
    expectToldInOneLine(
      await shop.run(['scan', image, ...more], { PATH: '/nowhere' }),
      /there is no Trivy at .*install it: \S+/,
    );
  });

  test('for a Dockerfile', async () => {
    const dockerfile = shop.write('Dockerfile', 'FROM scratch\n');
    expectToldInOneLine(
      await shop.run(['scan', '--dockerfile', dockerfile], { PATH: '/nowhere' }),
      /there is no Trivy at "trivy", required: 0\.74\.0 or newer; install it: \S+/,
    );
  });
});

test.each([
  ['an older one', '{"Version":"0.60.0"}', /allowed: from 0\.74\.0, below 1\.0\.0; install it: /],
  ['no version', 'hello', /does not answer like Trivy/],
])('%s', async (_, answer, says) => {
  const trivy = shop.write('other-trivy', `#!/bin/sh\necho '${answer}'\n`, 0o755);
  expectToldInOneLine(await shop.scan([image, '--trivy', trivy]), says);
});

describe('no database', () => {
  test('and none that may be downloaded', async () => {
    expectToldInOneLine(
      await shop.scan([image, '--cache-dir', shop.path('empty')]),
      /DATABASE_UNAVAILABLE.*\n {2}-> download the database: trivy image --download-db-only/,
    );
  });

  test('and nobody who has one', async () => {
    const args = [
      'scan',
      image,
      '--cache-dir',
      shop.path('empty'),
      '--db-repository',
      '127.0.0.1:1/trivy-db:2',
    ];
    expectToldInOneLine(
      await shop.run(args, { PATH: dirname(shop.trivy) }),
      /DATABASE_UNAVAILABLE.*\n {2}-> download the database: .*--db-repository=127\.0\.0\.1:1/,
    );
  });

  test('that can be read', async () => {
    const broken = await Workshop.open();
    for (const bytes of [20_000, 5000, 0]) {
      truncateSync(`${broken.cache}/db/trivy.db`, bytes);
      expectToldInOneLine(
        await shop.scan([image, '--cache-dir', broken.cache]),
        /\n {2}-> download the database/,
      );
    }
    writeFileSync(`${broken.cache}/db/metadata.json`, '{');
    expectToldInOneLine(
      await shop.scan([image, '--cache-dir', broken.cache]),
      /\n {2}-> download the database/,
    );
    broken.close();
  });
});

describe('no network', () => {
  test.each<[string, string[]]>([
    ['to a registry', ['scan', '127.0.0.1:1/team/app:v1']],
    ['to Amazon ECR', ['scan', `${ECR}:v1`]],
    ['to a stack, for its policy', ['scan', 'IMAGE', '--from-stack', 'Trust']],
    ['to a stack, for its trust', ['verify', `${ECR}@sha256:${'0'.repeat(64)}`, '--stack', 'Trust']],
    ['to a stack, for its findings', ['findings', '--cve', 'CVE-2021-44228', '--stack', 'Trust']],
  ])('%s', async (_, args) => {
    const path = { PATH: `${dirname(shop.trivy)}:/usr/bin:/bin` };
    expectToldInOneLine(
      await shop.runAsPublished(
        args.map(arg => (arg === 'IMAGE' ? image : arg)),
        { ...path, ...NO_NETWORK },
      ),
      /cannot be reached/,
    );
  });
});

describe('a layout that cannot be read', () => {
  test.each([
    ['an empty folder', () => undefined, /is no OCI layout: it has no index\.json/],
    [
      'no JSON',
      (folder: string) => writeFileSync(`${folder}/index.json`, '{"manifests":['),
      /its index\.json cannot be read/,
    ],
    [
      'another JSON',
      (folder: string) => writeFileSync(`${folder}/index.json`, '[]'),
      /its index\.json cannot be read/,
    ],
    [
      'no image',
      (folder: string) => writeFileSync(`${folder}/index.json`, '{"manifests":[]}'),
      /names 0 images, allowed: 1/,
    ],
    [
      'an image that is not there',
      (folder: string) =>
        writeFileSync(
          `${folder}/index.json`,
          JSON.stringify({
            manifests: [
              {
                mediaType: 'application/vnd.oci.image.manifest.v1+json',
                digest: `sha256:${'0'.repeat(64)}`,
                size: 2,
              },
            ],
          }),
        ),
      /is not there; write the layout anew/,
    ],
    [
      'a digest that leads elsewhere',
      (folder: string) =>
        writeFileSync(
          `${folder}/index.json`,
          JSON.stringify({ manifests: [{ mediaType: 'x', digest: 'sha256:../../../etc/passwd', size: 2 }] }),
        ),
      /its index\.json cannot be read/,
    ],
  ])('%s', async (name, fill, says) => {
    const folder = shop.path(name);
    execFileSync('mkdir', ['-p', folder]);
    fill(folder);
    expectToldInOneLine(await shop.scan([folder]), says);
  });

  test('a layer that is not there', async () =>
    expectToldInOneLine(
      await shop.scan([await shop.layout('missing-blob')]),
      /UNSCANNABLE: layer 2 .* the layout has no blob sha256:/,
    ));

  test('what is neither a folder nor a file', async () => {
    execFileSync('mkfifo', [shop.path('pipe')]);
    expectToldInOneLine(await shop.scan([shop.path('pipe')]), /is neither a folder nor a file/);
  });

  test('a folder with nothing but a name', async () =>
    expectToldInOneLine(await shop.scan(['./not-there']), /is not there, allowed: an OCI layout, a tar/));
});

test.each([0, 1, 511, 20_000])('a tar that ends after %d bytes', async bytes => {
  const tar = shop.path(`cut-${bytes}.tar`);
  execFileSync('tar', ['-C', image, '-cf', tar, '.']);
  truncateSync(tar, bytes);
  expectToldInOneLine(
    await shop.scan([tar]),
    /cannot be read as a tar|is no archive of an image|is not there/,
  );
});

test('a Helm chart', async () =>
  expectToldInOneLine(
    await shop.scan([await shop.layout('helm-chart')]),
    /\nUNSCANNABLE: .*\n {2}-> build a container image without what is named/,
  ));

describe('a policy', () => {
  const LINES = [
    'version: 1',
    'policy:',
    '  extends: standard',
    '  without: [runs-as-root]',
    '  rules:',
    '    - rule: vulnerabilities',
  ];

  test.each([
    [
      'a value that is none',
      '      severities: [HIHG]',
      /is not valid: trusted-images\.yaml:7:20: element 1 of severities is "HIHG", allowed: CRITICAL, HIGH/,
    ],
    [
      'a key that is none',
      '      severity: HIGH',
      /is not valid: trusted-images\.yaml:7:7: "severity" is not a key of/,
    ],
    ['no YAML', '      severities: "HIGH', /is not valid: trusted-images\.yaml:\d:\d+: not YAML: /],
    ['an alias', '      severities: *all', /is not valid: trusted-images\.yaml:7:/],
  ])('with a mistake in line 7: %s', async (_, line, says) => {
    shop.write('trusted-images.yaml', [...LINES, line, ''].join('\n'));
    expectToldInOneLine(await inFolder(['scan', image, '--policy', 'trusted-images.yaml']), says);
  });

  test('with two mistakes: a line for each', async () => {
    shop.write(
      'trusted-images.yaml',
      [...LINES, '      severities: [HIHG]', '    - rule: nothing', ''].join('\n'),
    );
    const { code, out, err } = await inFolder(['scan', image, '--policy', 'trusted-images.yaml']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      /^error: the policy "trusted-images\.yaml" is not valid:\ntrusted-images\.yaml:7:20: [^\n]+\ntrusted-images\.yaml:8:\d+: [^\n]+\n$/,
    );
  });

  test.each([
    ['that is not there', 'gone.yaml'],
    ['that is a folder', '.'],
  ])('%s', async (_, file) => {
    expectToldInOneLine(
      await inFolder(['scan', image, '--policy', file]),
      /the policy .* cannot be read \(E\w+\)/,
    );
  });

  /** In the folder of the policy, so that it is called what people call it. */
  function inFolder(args: readonly string[]): Promise<Ended> {
    return runCli(args, shop.folder, { environment: { PATH: dirname(shop.trivy), HOME: shop.folder } });
  }
});

describe('an AWS profile', () => {
  let aws: Server;
  let endpoint: string;
  beforeAll(async () => {
    aws = createServer((_, response) =>
      response
        .writeHead(403, { 'content-type': 'text/xml' })
        .end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: me is not authorized to perform: cloudformation:DescribeStacks</Message></Error></ErrorResponse>',
        ),
    );
    await new Promise<void>(resolve => aws.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    shop.write('credentials', '[poor]\naws_access_key_id = x\naws_secret_access_key = y\n');
  });
  afterAll(() => aws.close());

  const COMMANDS = [
    ['scan', 'IMAGE', '--from-stack', 'Trust'],
    ['status', 'team/app', '--stack', 'Trust'],
    ['waivers', 'unused', '--stack', 'Trust'],
  ];
  const run = (args: readonly string[], profile: string) =>
    shop.runAsPublished(
      args.map(arg => (arg === 'IMAGE' ? image : arg)),
      {
        PATH: dirname(shop.trivy),
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL: endpoint,
        AWS_PROFILE: profile,
        AWS_SHARED_CREDENTIALS_FILE: shop.path('credentials'),
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    );

  test.each(COMMANDS)('without rights: %s', async (...args) => {
    expectToldInOneLine(
      await run(args, 'poor'),
      /these credentials may not ask: give them the right that is named.*cloudformation:DescribeStacks/,
    );
  });

  test.each(COMMANDS)('that there is not: %s', async (...args) => {
    expectToldInOneLine(
      await run(args, 'nobody'),
      /no AWS credentials: name an existing profile in AWS_PROFILE/,
    );
  });
});

describe('whoever listens', () => {
  const shell = (script: string) => {
    const { stdout } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: {
        PATH: `${dirname(shop.trivy)}:/usr/bin:/bin`,
        HOME: shop.folder,
        NODE: process.execPath,
        CLI,
        IMAGE: image,
        CACHE: shop.cache,
      },
    });
    return stdout;
  };

  test('may leave early: the exit code is that of the answer', () => {
    expect(shell('"$NODE" "$CLI" --help 2>&1 | true; echo "${PIPESTATUS[0]}"')).toBe('0\n');
    expect(
      shell(
        '"$NODE" "$CLI" scan "$IMAGE" --cache-dir "$CACHE" --skip-db-update 2>&1 | true; echo "${PIPESTATUS[0]}"',
      ),
    ).toBe('0\n');
  });

  test('must be able to hear it', () => {
    expect(
      shell('"$NODE" "$CLI" scan "$IMAGE" --cache-dir "$CACHE" --skip-db-update 2>&1 > /dev/full; echo $?'),
    ).toBe('error: ENOSPC: no space left on device, write\n2\n');
  });
});
