import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { Disagreement, Outcome, Suite } from './suite';
import { checkDockerfile } from '../../dockerfile/check-dockerfile';
import type { DockerfileFinding } from '../../dockerfile/checks/finding';
import { readDockerfile } from '../../dockerfile/reading/read-dockerfile';
import { outcomeOf } from '../../dockerfile/report';
import { mustRun } from '../../local/tools/command';
import { ensureGoProduct, type GoProduct } from '../../local/tools/go-product';
import { whyRoot } from '../../src/core/image/starts-as-root';
import { whatNameSays } from '../../src/core/scanning/secret-names';

const SOURCES = [
  'go:github.com/moby/buildkit',
  'go:github.com/GoogleContainerTools/kaniko',
  'go:github.com/aquasecurity/trivy',
  'go:github.com/containerd/nerdctl/v2',
  'go:github.com/containers/buildah',
  'go:github.com/docker/buildx',
  'go:github.com/docker/compose/v2',
  'go:github.com/openshift/imagebuilder',
];
const RANDOM = 20_000;
const SEED = Number(process.env.SEED ?? 1);
const AUTHORITY =
  "BuildKit's own steps of a build (`dockerfile2llb`), by a program that shares no code with the checks";

export const dockerfiles: Suite = {
  name: 'dockerfiles',
  about: 'Checks of Dockerfiles: user, images, downloads, and what no build takes',
  authority: `${AUTHORITY}: the files and tests of builders`,
  packages: SOURCES,
  run: folders => compareAll(dockerfilesIn(SOURCES.map(folders))),
};

export const randomFiles: Suite = {
  name: 'dockerfiles-random',
  about: 'The same of generated files',
  authority: `${AUTHORITY}: ${RANDOM.toLocaleString('en-US')} files about variables, users, stages and downloads`,
  packages: ['go:github.com/moby/buildkit'],
  run: () => compareAll(randomDockerfiles(RANDOM, SEED)),
};

export const secretNames: Suite = {
  name: 'secret-names',
  about: 'Names of variables that hold secrets',
  authority: "BuildKit's linter (`SecretsUsedInArgOrEnv`): names made of its words and of others",
  packages: ['go:github.com/moby/buildkit'],
  run: compareSecretNames,
};

const ORACLE: GoProduct = {
  title: "BuildKit's answers",
  name: 'dockerfile-oracle',
  sources: join(__dirname, '..', '..', 'buildkit'),
  files: ['oracle'],
  recipe: {},
  duration: 'about a minute',
  async build(folder, go) {
    await go(['build', '-mod=readonly', '-buildvcs=false', '-o', join(folder, 'oracle'), './oracle']);
  },
};

/** What buildkit/oracle says of a file, by no code that the checks use. */
export interface BuildKitsAnswer {
  readonly error: string;
  readonly user: string;
  readonly sources: readonly string[] | null;
  readonly secrets: readonly string[] | null;
}

export async function askBuildKit(texts: readonly string[]): Promise<BuildKitsAnswer[]> {
  const folder = await ensureGoProduct(ORACLE, line => process.stderr.write(`${line}\n`));
  const output = await mustRun(join(folder, 'oracle'), [], 'see buildkit/oracle', {
    input: texts.map(text => `${JSON.stringify(text)}\n`).join(''),
  });
  const answers = output
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as BuildKitsAnswer);
  if (answers.length !== texts.length) throw new Error(`${answers.length} answers to ${texts.length} files`);
  return answers;
}

const BASE_USER = '<base>';
const PINNED = /^docker-image:\/\/\S+@sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128}) /;
const COMMIT = /^git:\/\/\S*#(?:[0-9a-f]{40}|[0-9a-f]{64})(?::\S*)? |^git:\S+ (?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const CHECKED = /^https?:\S+ sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/;

/** What our checks must find, by BuildKit's answer. */
function wanted({ user, sources }: BuildKitsAnswer): Readonly<Record<string, boolean>> {
  const all = sources ?? [];
  return {
    'runs-as-root': user === BASE_USER || whyRoot(user) !== undefined,
    'unpinned-image': all.some(source => source.startsWith('docker-image:') && !PINNED.test(source)),
    'unverified-download': all.some(
      source => !source.startsWith('docker-image:') && !COMMIT.test(source) && !CHECKED.test(source),
    ),
  };
}

/** `wider`: ours lets through what BuildKit's answer refuses. There must be none. */
export function compare(text: string, answer: BuildKitsAnswer): Disagreement[] {
  const reading = readDockerfile(text);
  const found = checkDockerfile({ lines: text.split('\n'), reading });
  const said = JSON.stringify(text);
  if (answer.error !== '') {
    return outcomeOf(found) === 'PASS' ? [{ name: 'wider: a file that BuildKit refuses', said }] : [];
  }
  if (reading.image === undefined) return [{ name: 'stricter: a file that BuildKit builds', said }];
  const unreadable = reading.problems.length > 0;
  return Object.entries(wanted(answer)).flatMap(([rule, isWanted]) => {
    const ours = found.filter(finding => finding.rule === rule);
    if (isWanted === ours.length > 0) return [];
    if (unreadable) return [{ name: 'stricter: a stage that no build needs is wrong', said }];
    return [{ name: isWanted ? `wider: ${rule}` : `stricter: ${rule}: ${whyStricter(ours)}`, said }];
  });
}

function whyStricter(findings: readonly DockerfileFinding[]): string {
  return findings.every(({ message }) => message.includes('depends on'))
    ? 'a variable that no line gives a value'
    : 'a stage without a name, or what ONBUILD keeps';
}

export async function compareAll(texts: readonly string[]): Promise<Outcome> {
  const answers = await askBuildKit(texts);
  return { cases: texts.length, disagreements: texts.flatMap((text, at) => compare(text, answers[at]!)) };
}

/** The Dockerfiles of these folders, whatever they are called, and those within tests in Go. */
export function dockerfilesIn(folders: Iterable<string>): string[] {
  const texts = [...folders].flatMap(folder =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .flatMap(entry => {
        const read = () => readFileSync(join(entry.parentPath, entry.name), 'utf8');
        if (entry.name.endsWith('_test.go')) return [...read().matchAll(IN_GO)].map(([, text]) => text!);
        return /(?:docker|container)file/i.test(entry.name) && !OTHER.test(entry.name) ? [read()] : [];
      }),
  );
  return [...new Set(texts)];
}

/** A text in a test in Go that has a FROM. */
const IN_GO = /`((?:[^`]*\n)?[ \t]*FROM [^`]*)`/g;
const OTHER = /\.(?:go|rego|ya?ml|json|md|ts|js|map|sh|png|dockerignore)$/i;

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const COMMIT_ID = '01'.repeat(20);
const name = fc.constantFrom('A', 'B', 'U', 'S');
const value = fc.constantFrom(
  ...['0', '00', '65532', 'root', 'app', '', './x', 'https://h.example/f', 'https://h.example/r.git', 'a:1'],
  ...[
    `a@${DIGEST}`,
    '$A',
    '${B}',
    '${U:-0}',
    '${U:-65532}',
    '${A:+root}',
    '"0"',
    '"$A"',
    "'$A'",
    '\\$A',
    '${S%%:*}',
  ],
);
const word = fc.oneof(
  value,
  fc.tuple(value, value).map(([one, other]) => one + other),
);
const stage = fc.constantFrom('one', 'Two', '0', '1');
const image = fc.oneof(stage, fc.constantFrom('a', 'a:1', `a@${DIGEST}`, 'scratch', '$A', '${B:-a:1}'));
const checksum = fc.constantFrom(
  '',
  '',
  `--checksum=${DIGEST} `,
  `--checksum=${COMMIT_ID} `,
  '--checksum=$A ',
);
const remote = fc.constantFrom(
  `https://h.example/r.git#${COMMIT_ID}`,
  'https://h.example/r.git#main:docs',
  `https://h.example/f#${COMMIT_ID}`,
  'github.com/a/b',
  `git://h.example/r?checksum=${COMMIT_ID}`,
);
const quotedName = fc.tuple(name, fc.constantFrom('', '"', "'")).map(([each, quote]) => quote + each + quote);
const step = fc.oneof(
  fc.tuple(quotedName, value).map(([key, each]) => `ARG ${key}=${each}`),
  name.map(key => `ARG ${key}`),
  fc.tuple(quotedName, value).map(([key, each]) => `ENV ${key}=${each}`),
  fc.tuple(name, value).map(([key, each]) => `ENV ${key} ${each}`),
  fc.tuple(name, value, name, value).map(([a, b, c, d]) => `ENV ${a}=${b} \\\n  ${c}=${d}`),
  word.map(each => `USER ${each}`),
  fc.tuple(checksum, fc.oneof(word, remote)).map(([flag, each]) => `ADD ${flag}${each} /x/`),
  fc.tuple(image).map(([each]) => `COPY --from=${each} /a /b`),
  fc.tuple(image).map(([each]) => `RUN --mount=type=bind,from=${each},target=/m true`),
  fc.constantFrom(
    'RUN <<EOF\nUSER 0\nEOF',
    '# USER 0',
    'WORKDIR /x',
    'SHELL ["/bin/sh", "-c"]',
    'RUN a \\\n# b\n  c',
  ),
);
const line = fc.oneof(
  { weight: 9, arbitrary: step },
  { weight: 1, arbitrary: step.map(each => `ONBUILD ${each}`) },
);
const from = fc
  .tuple(image, fc.constantFrom('', ' AS one', ' AS two', ' as Two'))
  .map(([each, as]) => `FROM ${each}${as}`);
const dockerfile = fc
  .tuple(
    fc.constantFrom('', '', '', '# escape=`\n'),
    fc.array(
      fc.tuple(name, value).map(([key, each]) => `ARG ${key}=${each}`),
      { maxLength: 2 },
    ),
    fc.array(fc.tuple(from, fc.array(line, { maxLength: 5 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([start, global, stages]) => `${start}${[...global, ...stages.flat(2)].join('\n')}\n`);

/** Files about variables, users, stages, images and downloads. A seed gives the same files again. */
export function randomDockerfiles(count: number, seed: number): string[] {
  return fc.sample(dockerfile, { numRuns: count, seed });
}

const PARTS = [
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
const OTHERS = [
  'db',
  'npm',
  'gpg',
  'cache',
  'sort',
  'public',
  'file',
  'version',
  'url',
  'path',
  'ttl',
  'id',
  'hash',
  'config',
];

/** The names that BuildKit's linter takes for secrets (SecretsUsedInArgOrEnv) must be secrets here too. */
export async function compareSecretNames(): Promise<Outcome> {
  const words = [...PARTS, ...OTHERS];
  const names = words.flatMap(one => [
    one,
    ...words.flatMap(two => [`${one}_${two}`, `${one}_${two}_x`, `x_${one}_${two}`]),
  ]);
  const [answer] = await askBuildKit([
    `FROM scratch\n${names.map(each => `ENV ${each.toUpperCase()}=v`).join('\n')}\n`,
  ]);
  const secrets = answer!.secrets!.map(message => /"([^"]+)"/.exec(message)![1]!);
  const disagreements = secrets
    .filter(secret => whatNameSays(secret) !== 'secret')
    .map(secret => ({ name: `${String(whatNameSays(secret))}: ${endOf(secret)}`, said: secret }));
  return { cases: names.length, disagreements };
}

function endOf(secret: string): string {
  const words = secret.split('_');
  return words.slice(words.at(-1) === 'KEY' ? -2 : -1).join('_');
}
