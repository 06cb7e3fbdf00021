import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMES, namesOf, placeholdersIn, WITH_NAMES, withNames, type Names } from '../../projenrc/names';
import { ROOT } from '../docs/markdown';

/** A name of the organization, in the ways in which it is written. */
const NAME =
  /github\.com\/[\w-]+\/cdk-trusted-images|io\.github\.[\w-]+(?=[:<]|\.trustedimages)|maintainers@[\w.-]+/g;
const OTHER: Names = { organization: 'Acme-Cloud', contact: 'security@acme.test', nugetUser: 'acme' };

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const { files: written } = JSON.parse(read('.projen/files.json')) as { files: string[] };
/** Written by projen, or by jsii from the sources. */
const GENERATED = [...written, '.projen/files.json', 'API.md', 'package.json'];
const THIS_FILE = 'test/release/names.test.ts';

function handWrittenFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter(file => /\.(?:ts|js|json|md|ya?ml|xml|java|py|go|rego|txt|dot)$/.test(file))
    .filter(file => !GENERATED.includes(file) && existsSync(join(ROOT, file)));
}

test('the names stand in one file: what else has them is written by projen', () => {
  const naming = handWrittenFiles()
    .filter(file => file !== THIS_FILE && !WITH_NAMES.includes(file))
    .filter(file => read(file).search(NAME) !== -1);
  expect(naming).toEqual(['projenrc/organization.ts']);
});

test.each(WITH_NAMES)('%s has the names of that file', file => {
  expect(withNames(read(file), NAMES)).toBe(read(file));
});

test.each(WITH_NAMES)('%s has other names when a person names others', file => {
  const named = withNames(read(file), OTHER);
  const { repository, goModule, mavenGroup } = namesOf(OTHER);
  const [, host] = repository.split('//');
  const found = [...named.matchAll(NAME)].map(([name]) => name);
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(name => ![host, mavenGroup, 'io.github.acmecloud'].includes(name))).toEqual([]);
  if (file === 'docs/start.md') expect(named).toContain(`${goModule}/cdktrustedimages`);
  expect(withNames(named, NAMES)).toBe(read(file)); // and back
});

test('a package of Java has no dash, and a group of Maven keeps it', () => {
  expect(namesOf(OTHER)).toEqual({
    repository: 'https://github.com/Acme-Cloud/cdk-trusted-images',
    goModule: 'github.com/Acme-Cloud/cdk-trusted-images-go',
    mavenGroup: 'io.github.acme-cloud',
    javaPackage: 'io.github.acmecloud.trustedimages',
  });
});

test('what is not named yet is told', () => {
  expect(placeholdersIn({ ...OTHER, contact: 'maintainers@example.com' })).toEqual([
    'contact maintainers@example.com',
  ]);
  expect(placeholdersIn(OTHER)).toEqual([]);
});
