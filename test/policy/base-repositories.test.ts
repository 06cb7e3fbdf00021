import type { App } from 'aws-cdk-lib';
import { RepositorySelector } from '../../src';
import { EnvironmentName } from '../../src/core/environment';
import { Enrolment } from '../../src/core/image/enrolment';
import { environmentOf, roleStatements, trustStack } from '../support/synthesise';

const { prefix, name, tag, all } = RepositorySelector;
const BASES = [prefix('team/base/'), name('team/node')];
const EVALUATOR = 'Judges images by what their scans found';

test('the evaluator knows which repositories are of base images', () => {
  const { template } = trustStack({ baseRepositories: BASES });
  const document = environmentOf(template, EVALUATOR)[EnvironmentName.baseRepositories]!;
  expect(Enrolment.parse(JSON.parse(document))).toEqual([
    { by: 'prefix', prefix: 'team/base/' },
    { by: 'name', name: 'team/node' },
  ]);
});

test('without any, nothing is in the template', () => {
  expect(environmentOf(trustStack().template, EVALUATOR)).not.toHaveProperty(
    EnvironmentName.baseRepositories,
  );
  expect(environmentOf(trustStack({ baseRepositories: [] }).template, EVALUATOR)).not.toHaveProperty(
    EnvironmentName.baseRepositories,
  );
});

test('rule 5.3, separation of duties: no role may do more than before', () => {
  const [with_, without] = [{ baseRepositories: BASES }, {}].map(props =>
    [...roleStatements(trustStack(props).template)].sort(([a], [b]) => a.localeCompare(b)),
  );
  expect(with_).toEqual(without);
});

test.each([
  [tag('kind', 'base'), 'the tag "kind": "base"'],
  [all(), 'all repositories'],
])('a selector that cannot be known, or that names everything, is an error: %#', (selector, shown) => {
  expect(() => trustStack({ baseRepositories: [selector] })).toThrow(
    `baseRepositories selects ${shown}, allowed: RepositorySelector.prefix() and .name(), since`,
  );
});

test('what does not fit into an environment is an error', () => {
  const many = Array.from({ length: 30 }, (_, at) => name(`team/base-image-${at}`));
  expect(() => trustStack({ baseRepositories: many })).toThrow(
    /^baseRepositories has \d+ characters in an environment variable, allowed: 1000; select them by a common prefix/,
  );
});

test('a base repository that is not enrolled is an error: nobody would know its layers', () => {
  const synth = (...baseRepositories: RepositorySelector[]) => {
    const { stack } = trustStack({ repositories: [prefix('team/')], baseRepositories });
    return () => (stack.node.root as App).synth();
  };
  expect(synth(prefix('team/base/'))).not.toThrow();
  expect(synth(prefix('base/'))).toThrow(
    'baseRepositories selects the prefix "base/", and no such repository is enrolled, so its images are never scanned and nobody knows their layers; enrolled: the prefix "team/"; correct it, or select the repository in the property "repositories" too',
  );
});
