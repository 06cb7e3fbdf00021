import { parseArgs, ParseArgsConfig } from 'node:util';

/** The Docker commands that cdk-assets uses, and no others. */
export type DockerCommand =
  | { readonly name: 'build'; readonly context: string; readonly tag: string }
  | { readonly name: 'images'; readonly pattern: string }
  | { readonly name: 'inspect'; readonly image: string }
  | { readonly name: 'login' }
  | { readonly name: 'push'; readonly image: string }
  | { readonly name: 'tag'; readonly source: string; readonly target: string };

interface Syntax {
  readonly options: NonNullable<ParseArgsConfig['options']>;
  readonly operands: readonly string[];
}

const VALUE = { type: 'string', multiple: true } as const;
const FLAG = { type: 'boolean' } as const;

/** They are options of a Dockerfile build, and are ignored because nothing is built. */
const OF_DOCKERFILES = [
  'build-arg',
  'build-context',
  'cache-from',
  'cache-to',
  'file',
  'network',
  'output',
  'platform',
  'secret',
  'ssh',
  'target',
];

/** @see https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/cdk-assets-lib/lib/private/docker.ts */
const SYNTAX: Readonly<Record<DockerCommand['name'], Syntax>> = {
  build: {
    options: {
      tag: VALUE,
      'no-cache': FLAG,
      ...Object.fromEntries(OF_DOCKERFILES.map(option => [option, VALUE])),
    },
    operands: ['CONTEXT'],
  },
  images: { options: { format: VALUE, filter: VALUE }, operands: [] },
  inspect: { options: {}, operands: ['NAME'] },
  login: { options: { username: VALUE, 'password-stdin': FLAG }, operands: ['REGISTRY'] },
  push: { options: {}, operands: ['NAME'] },
  tag: { options: {}, operands: ['SOURCE', 'TARGET'] },
};

/** The only form in which cdk-assets asks for names, and the only one in which it is answered. */
const NAMES_FORMAT = '{{.Repository}}:{{.Tag}}';

export function readCommand(args: readonly string[]): DockerCommand {
  // `--config` comes first where somebody has credentials of other registries; there is nothing in it for a
  // registry without a login
  const [name = '', ...rest] = args[0] === '--config' ? args.slice(2) : args;
  if (!isKnown(name)) {
    throw new Error(
      `docker ${JSON.stringify(name)} is not among what this stand-in plays, allowed: ${Object.keys(SYNTAX).join(', ')}; for anything else unset CDK_DOCKER and use Docker`,
    );
  }
  const { operands, option } = split(name, rest);
  switch (name) {
    case 'build':
      return { name, context: operands[0], tag: option('tag') };
    case 'images':
      return { name, pattern: patternOf(option('format'), option('filter')) };
    case 'inspect':
    case 'push':
      return { name, image: operands[0] };
    case 'login':
      return { name };
    case 'tag':
      return { name, source: operands[0], target: operands[1] };
  }
}

function isKnown(name: string): name is DockerCommand['name'] {
  return Object.hasOwn(SYNTAX, name);
}

function split(
  name: DockerCommand['name'],
  args: string[],
): { readonly operands: string[]; readonly option: (name: string) => string } {
  const { options, operands } = SYNTAX[name];
  const known = Object.keys(options).map(each => `--${each}`);
  const usage = `allowed: docker ${[name, ...known, ...operands].join(' ')}`;
  const { values, positionals } = parsed(args, options, usage);
  if (positionals.length !== operands.length) {
    throw new Error(
      `docker ${[name, ...positionals].join(' ')} has ${positionals.length} operands, ${usage}`,
    );
  }
  return {
    operands: positionals,
    option: each => {
      const given = values[each];
      if (!Array.isArray(given) || given.length !== 1) {
        throw new Error(
          `docker ${name} needs --${each} once (given ${JSON.stringify(given ?? [])}), ${usage}`,
        );
      }
      return String(given[0]);
    },
  };
}

function parsed(args: string[], options: Syntax['options'], usage: string): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; ${usage}`, { cause });
  }
}

function patternOf(format: string, filter: string): string {
  const [, pattern] = /^reference=(.+)$/.exec(filter) ?? [];
  if (format === NAMES_FORMAT && pattern !== undefined) return pattern;
  throw new Error(
    `docker images is asked for ${JSON.stringify({ format, filter })}, allowed: --format '${NAMES_FORMAT}' --filter reference=PATTERN`,
  );
}
