import { ImagePolicy, PolicyRule, RepositorySelector } from '../../src';
import { policyFor, readPolicySet } from '../../src/core/policy/policy-set';
import { renderPolicies } from '../../src/policy/repository-policy';
import { trustStack } from '../support/synthesise';

const { prefix, tag } = RepositorySelector;
const SANDBOX = ImagePolicy.of({ name: 'sandbox', rules: [PolicyRule.secrets()] });

function nameFor(document: string, repository: string): string {
  const set = readPolicySet(document);
  if (!set.ok) throw new Error(set.error.join('; '));
  return policyFor(set.value, repository).name;
}

test('without any, the document is the policy, as it always was: its revision stays', () => {
  expect(renderPolicies(ImagePolicy.standard())).toBe(ImagePolicy.standard()._render());
  expect(renderPolicies(ImagePolicy.standard(), [])).toBe(ImagePolicy.standard()._render());
});

test('the first that names a repository judges its images, else the default', () => {
  const document = renderPolicies(ImagePolicy.standard(), [
    { repositories: [prefix('sandbox/'), RepositorySelector.name('team/toy')], policy: SANDBOX },
    { repositories: [prefix('sandbox/prod/')], policy: ImagePolicy.strict() },
    { repositories: [prefix('prod/')], policy: ImagePolicy.strict() },
  ]);
  expect(
    ['sandbox/a', 'sandbox/prod/a', 'team/toy', 'team/toys', 'prod/a', 'team/app'].map(repository =>
      nameFor(document, repository),
    ),
  ).toEqual(['sandbox', 'sandbox', 'sandbox', 'standard', 'strict', 'standard']);
});

test('a selector by tag is refused: whoever may tag a repository would choose its policy', () => {
  const others = [{ repositories: [prefix('a/'), tag('scan', 'lenient')], policy: SANDBOX }];
  expect(() => renderPolicies(ImagePolicy.standard(), others)).toThrow(
    /^a policy is chosen by \{"by":"tag",[^}]*\}, allowed: RepositorySelector\.prefix\(\) and \.name\(\)/,
  );
  expect(() => trustStack({ repositoryPolicies: others })).toThrow(/would choose its policy/);
});

test('one for no repository is refused', () => {
  expect(() => renderPolicies(ImagePolicy.standard(), [{ repositories: [], policy: SANDBOX }])).toThrow(
    /^the policies are not valid: scoped\.0\.repositories: /,
  );
});

test('it is what a stack publishes, and no function changes', () => {
  const others = [{ repositories: [prefix('team/sandbox/')], policy: SANDBOX }];
  const [one, without] = [trustStack({ repositoryPolicies: others }).template, trustStack().template];
  const [{ Properties }] = Object.values(one.findResources('Custom::TrustedImagesPolicy')) as [any];
  expect(Properties.Policy).toBe(renderPolicies(ImagePolicy.standard(), others));
  expect(one.findResources('AWS::Lambda::Function')).toEqual(without.findResources('AWS::Lambda::Function'));
});
