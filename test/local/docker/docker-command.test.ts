import { readCommand } from '../../../local/docker/docker-command';

const URI = '000000000000.dkr.ecr.us-east-1.amazonaws.com/cdk-assets:0a1b';

/** As the CDK of this project calls Docker, argument by argument. */
test.each([
  [['inspect', 'cdkasset-0a1b'], { name: 'inspect', image: 'cdkasset-0a1b' }],
  [['build', '--tag', 'cdkasset-0a1b', '.'], { name: 'build', tag: 'cdkasset-0a1b', context: '.' }],
  [['login', '--username', 'AWS', '--password-stdin', URI.split('/')[0]], { name: 'login' }],
  [['tag', 'cdkasset-0a1b', URI], { name: 'tag', source: 'cdkasset-0a1b', target: URI }],
  [
    ['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=*/*:0a1b'],
    { name: 'images', pattern: '*/*:0a1b' },
  ],
  [['push', URI], { name: 'push', image: URI }],
])('%j is understood', (args, command) => {
  expect(readCommand(args)).toEqual(command);
});

test('what says how to work through a Dockerfile is taken and left aside', () => {
  const args = [
    '--build-arg',
    'A=1',
    '--build-arg',
    'B=2',
    '--build-context',
    'base=.',
    '--secret',
    'id=a,src=b',
    '--ssh',
    'default',
    '--tag',
    'a',
    '--target',
    'b',
    '--file',
    'c',
    '--network',
    'host',
    '--platform',
    'linux/arm64',
    '--output=type=docker',
    '--cache-from',
    'type=gha',
    '--cache-to',
    'type=gha',
    '--no-cache',
  ];

  expect(readCommand(['build', ...args, '.'])).toEqual({ name: 'build', tag: 'a', context: '.' });
});

test('a configuration in front, as for registries with credentials of their own, changes nothing', () => {
  expect(readCommand(['--config', '/tmp/cdkDockerConfig', 'push', URI])).toEqual({
    name: 'push',
    image: URI,
  });
});

test.each([
  [
    [],
    'docker "" is not among what this stand-in plays, allowed: build, images, inspect, login, push, tag; for anything else unset CDK_DOCKER and use Docker',
  ],
  [['run', 'alpine'], 'docker "run" is not among'],
  [['constructor'], 'docker "constructor" is not among'],
  [['tag', 'a'], 'docker tag a has 1 operands, allowed: docker tag SOURCE TARGET'],
  [['push', 'a', 'b'], 'docker push a b has 2 operands, allowed: docker push NAME'],
  [['push', '--all-tags', 'a'], /Unknown option '--all-tags'.*; allowed: docker push NAME$/],
  [['build', '.'], 'docker build needs --tag once (given []), allowed: docker build --tag'],
  [['build', '--tag', 'a', '--tag', 'b', '.'], 'docker build needs --tag once (given ["a","b"])'],
  [
    ['images', '--format', 'json', '--filter', 'reference=a'],
    'docker images is asked for {"format":"json","filter":"reference=a"}, allowed: --format',
  ],
  [['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'dangling=true'], 'allowed: --format'],
])('%j is refused with what is allowed', (args, message) => {
  expect(() => readCommand(args)).toThrow(message);
});
