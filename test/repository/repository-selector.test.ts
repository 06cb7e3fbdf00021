import { Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RepositorySelector } from '../../src';
import { Enrolment } from '../../src/core/image/enrolment';
import { newStack, roleStatements } from '../support/synthesise';

const ANY = 'arn:Partition:ecr:Region:AccountId:repository/*';

test.each<[string, RepositorySelector, object, (string | object)[], string, object | undefined]>([
  [
    'a prefix',
    RepositorySelector.prefix('team/'),
    { by: 'prefix', prefix: 'team/' },
    [{ prefix: 'team/' }],
    'arn:Partition:ecr:Region:AccountId:repository/team/*',
    undefined,
  ],
  [
    'a tag',
    RepositorySelector.tag('trusted', 'yes'),
    { by: 'tag', key: 'trusted', value: 'yes' },
    [{ prefix: '' }],
    ANY,
    { StringEquals: { 'ecr:ResourceTag/trusted': 'yes' } },
  ],
  [
    'a name',
    RepositorySelector.name('team/app'),
    { by: 'name', name: 'team/app' },
    ['team/app'],
    'arn:Partition:ecr:Region:AccountId:repository/team/app',
    undefined,
  ],
  ['all', RepositorySelector.all(), { by: 'all' }, [{ prefix: '' }], ANY, undefined],
  [
    'a name, on request',
    RepositorySelector._onRequest('team/app'),
    { by: 'request', name: 'team/app' },
    ['team/app'],
    'arn:Partition:ecr:Region:AccountId:repository/team/app',
    undefined,
  ],
])(
  '%s: what a rule matches, a handler knows and a role may is the same',
  (_what, selector, enrolment, pattern, resource, condition) => {
    const stack = newStack();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    expect(selector._grant(stack, role, ['ecr:BatchGetImage']).success).toBe(true);
    expect(Enrolment.parse([selector._enrolment()])).toEqual([enrolment]);
    expect(selector._pattern()).toEqual(pattern);
    expect(roleStatements(Template.fromStack(stack)).get('Role')).toEqual([
      {
        sid: undefined,
        effect: 'Allow',
        actions: ['ecr:BatchGetImage'],
        resources: [resource],
        ...(condition !== undefined && { condition }),
      },
    ]);
  },
);

test.each<[string, boolean, RepositorySelector]>([
  ['its prefix', true, RepositorySelector.prefix('team/')],
  ['another prefix', false, RepositorySelector.prefix('other/')],
  ['its name', true, RepositorySelector.name('team/app')],
  ['the name of another', false, RepositorySelector.name('team/app-2')],
  ['all', true, RepositorySelector.all()],
  ['a tag, which its name does not tell', false, RepositorySelector.tag('trusted', 'yes')],
  [
    'its name on request, which is no selection of its pushes',
    false,
    RepositorySelector._onRequest('team/app'),
  ],
])('as far as its name tells, team/app is selected by %s: %s', (_by, selected, selector) => {
  expect(selector._selects('team/app')).toBe(selected);
});

test.each(['a', 'team', 'team/', 'team/app-1_x.y', '0'])('%j is the start of a repository name', prefix => {
  expect(RepositorySelector.prefix(prefix)._enrolment()).toEqual({ by: 'prefix', prefix });
});

test.each(['', '/', 'Team/', 'team*', '*', 'team/ ', '-team', 'team:1', 'a'.repeat(256), 'team/\n'])(
  '%j is not',
  prefix => {
    expect(() => RepositorySelector.prefix(prefix)).toThrow(
      `the repository prefix ${JSON.stringify(prefix)} is not the start of a repository name, allowed: lower-case letters, digits and ". _ - /", for example "team/"`,
    );
  },
);

test('a prefix that only the deployment knows is refused: handlers compare it too', () => {
  expect(() => RepositorySelector.prefix(Token.asString({ Ref: 'Prefix' }))).toThrow(
    'is not the start of a repository name',
  );
});

test.each(['', 'a', 'Team/app', 'team/', 'team//app', 'team/app:1', 'a'.repeat(257)])(
  '%j is no repository name',
  name => {
    expect(() => RepositorySelector.name(name)).toThrow(
      `the repository name ${JSON.stringify(name)} is not a name, allowed: 2 to 256 lower-case letters`,
    );
  },
);

test.each([
  ['', 0],
  ['k'.repeat(129), 129],
])('the tag key %j is refused', (key, length) => {
  expect(() => RepositorySelector.tag(key, 'yes')).toThrow(`has ${length} characters, allowed: 1 to 128`);
});

test('a tag key that only the deployment knows is refused', () => {
  expect(() => RepositorySelector.tag(Token.asString({ Ref: 'Key' }), 'yes')).toThrow(
    'is a token, allowed: a literal key, because IAM does not accept a token as the name of a condition',
  );
});
