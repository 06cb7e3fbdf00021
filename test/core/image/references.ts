import { DIGEST } from '../support/made';

interface Named {
  readonly host: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const SHA512 = `sha512:${'f'.repeat(128)}`;
const HEX = DIGEST.slice('sha256:'.length);

/** What distribution/reference takes, and as what: the cases of its own tests, by registry, path and tag. */
export const VALID: readonly (readonly [text: string, named: Named])[] = [
  // Docker Hub, by all its names
  ['debian', { host: 'docker.io', path: 'library/debian' }],
  ['library/debian', { host: 'docker.io', path: 'library/debian' }],
  ['docker.io/debian', { host: 'docker.io', path: 'library/debian' }],
  ['index.docker.io/debian', { host: 'docker.io', path: 'library/debian' }],
  ['docker.io/library/foo/bar', { host: 'docker.io', path: 'library/foo/bar' }],
  ['index.docker.io/docker/docker:v1', { host: 'docker.io', path: 'docker/docker', tag: 'v1' }],
  ['test_com/foo', { host: 'docker.io', path: 'test_com/foo' }],
  ['foo/foo_bar.com:8080', { host: 'docker.io', path: 'foo/foo_bar.com', tag: '8080' }],
  // without a slash there is no registry
  ['test.com:5000', { host: 'docker.io', path: 'library/test.com', tag: '5000' }],
  ['192.168.1.1:tag', { host: 'docker.io', path: 'library/192.168.1.1', tag: 'tag' }],
  ['docker.io', { host: 'docker.io', path: 'library/docker.io' }],
  // registries
  ['test.com/repo:tag', { host: 'test.com', path: 'repo', tag: 'tag' }],
  ['test-com:8080/foo', { host: 'test-com:8080', path: 'foo' }],
  ['localhost/foo', { host: 'localhost', path: 'foo' }],
  ['192.168.1.1:5000/repo:5050', { host: '192.168.1.1:5000', path: 'repo', tag: '5050' }],
  ['Foo/bar', { host: 'Foo', path: 'bar' }],
  ['xn--n3h.com/myimage:xn--n3h.com', { host: 'xn--n3h.com', path: 'myimage', tag: 'xn--n3h.com' }],
  ['b.gcr.io/test.example.com/my-app', { host: 'b.gcr.io', path: 'test.example.com/my-app' }],
  ['[2001:db8::1]/repo', { host: '[2001:db8::1]', path: 'repo' }],
  ['[::1]:5000/repo:tag', { host: '[::1]:5000', path: 'repo', tag: 'tag' }],
  // separators in names
  ['docker---rules/docker', { host: 'docker.io', path: 'docker---rules/docker' }],
  ['dock__er/docker', { host: 'docker.io', path: 'dock__er/docker' }],
  ['d/t', { host: 'docker.io', path: 'd/t' }],
  // tags and digests
  ['lowercase:Uppercase', { host: 'docker.io', path: 'library/lowercase', tag: 'Uppercase' }],
  [`a/b:${'x'.repeat(128)}`, { host: 'docker.io', path: 'a/b', tag: 'x'.repeat(128) }],
  [`test:5000/repo@${DIGEST}`, { host: 'test:5000', path: 'repo', digest: DIGEST }],
  [`test:5000/repo:tag@${DIGEST}`, { host: 'test:5000', path: 'repo', tag: 'tag', digest: DIGEST }],
  [`${'a/'.repeat(127)}a`, { host: 'docker.io', path: `${'a/'.repeat(127)}a` }],
  [`docker.io/${HEX}`, { host: 'docker.io', path: `library/${HEX}` }],
];

/** And with a digest that not all callers take. */
export const VALID_SHA512: readonly [text: string, named: Named] = [
  `xn--7o8h.com/myimage:v1@${SHA512}`,
  { host: 'xn--7o8h.com', path: 'myimage', tag: 'v1', digest: SHA512 },
];

/** What it refuses, and so does everybody here. */
export const INVALID: readonly string[] = [
  '',
  ' ',
  ':justtag',
  `@${DIGEST}`,
  HEX,
  'repo@',
  'repo@sha256:ffffffffffffffffffffffffffffffffff',
  `validname@invaliddigest:${HEX}`,
  `repo@${DIGEST.toUpperCase()}`,
  `repo@${DIGEST}@${DIGEST}`,
  'Uppercase:tag',
  'docker/Docker',
  'test:5000/Uppercase/lowercase:tag',
  `${'a/'.repeat(128)}a:tag`,
  'aa/asdf$$^/aa',
  'https://github.com/docker/docker',
  'user:password@host.example/x',
  '-docker',
  '-docker/docker',
  '-docker.io/docker/docker',
  'docker-/docker',
  'a//b:1',
  'docker///docker',
  'docker.io/docker///docker',
  '/docker',
  'docker/',
  'host.example/../x',
  '____/____',
  '_docker/_docker',
  'dock..er/docker',
  'dock_.er/docker',
  'dock-.er/docker',
  'dock___er/docker',
  'foo_bar.com/app',
  '[fc00::1]',
  '[fc00::1]:5000',
  '[2001:db8::1]:tag',
  'fc00::1:5000/debian',
  '[fe80::1%eth0]:5000/debian',
  '[2001:db8:3:4::192.0.2.33]:5000/debian',
  'repo:',
  'repo:-foo',
  'repo:v1:v2',
  `repo:${'x'.repeat(129)}`,
  'repo:v1\n',
  'a b',
];

const HOSTS: readonly (readonly [region: string, host: string])[] = [
  ['us-east-1', 'dkr.ecr.us-east-1.amazonaws.com'],
  ['us-east-1', 'dkr.ecr-fips.us-east-1.amazonaws.com'],
  ['eu-west-1', 'dkr-ecr.eu-west-1.on.aws'],
  ['us-gov-west-1', 'dkr.ecr.us-gov-west-1.amazonaws.com'],
  ['us-gov-west-1', 'dkr-ecr-fips.us-gov-west-1.on.aws'],
  ['cn-north-1', 'dkr.ecr.cn-north-1.amazonaws.com.cn'],
  ['cn-north-1', 'dkr-ecr.cn-north-1.on.amazonwebservices.com.cn'],
  ['us-iso-east-1', 'dkr.ecr.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'dkr.ecr.us-isob-east-1.sc2s.sgov.gov'],
  ['us-isof-south-1', 'dkr.ecr.us-isof-south-1.csp.hci.ic.gov'],
  ['eu-isoe-west-1', 'dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk'],
  ['eusc-de-east-1', 'dkr.ecr.eusc-de-east-1.amazonaws.eu'],
];

/** All names that a registry of Amazon ECR has. */
export const ECR_HOSTS = HOSTS.map(([region, host]) => [region, `000000000000.${host}`] as const);

const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

/** Hosts that only look like one. */
export const NOT_ECR_HOSTS: readonly string[] = [
  `${HOST}.evil.io`,
  `x.${HOST}`,
  `x${HOST}`,
  `${HOST}:443`,
  HOST.toUpperCase(),
  HOST.replace('.com', '.com.cn'),
  HOST.replace('us-east-1', 'cn-north-1'),
  HOST.replace('us-east-1', 'eusc-de-east-1'),
  HOST.replace('us-east-1', 'us-east-1x'),
  HOST.replace('us-east-1', 'us-east-1.us-east-2'),
  HOST.replace('000000000000', '0'),
  'public.ecr.aws',
  'localhost:5000',
];

/** Names of repositories that registries allow, and Amazon ECR does not. */
export const NOT_IN_ECR: readonly string[] = ['a', 'team/a__b', 'team/a--b'];
