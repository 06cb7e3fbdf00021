import { type App, Aws, CfnParameter, Lazy, NestedStack, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { Repository, type IRepository } from 'aws-cdk-lib/aws-ecr';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ImageTrust, RepositorySelector, TrustedImage } from '../../src';
import { newStack } from '../support/synthesise';

const IRELAND = { env: { account: '123456789012', region: 'eu-west-1' } };

const app = () => newStack().node.root as App;

const ANOTHER =
  'images there need a trust there; for images of the trust itself, import it: ImageTrust.fromStackName() with the region of the trust, or ImageTrust.fromAttributes() from another account';

interface Two {
  readonly trust: ImageTrust;
  readonly app: Stack;
  image(repository: IRepository): void;
  synth(): void;
}

/** Trust and app in two stacks. */
function two(
  platformProps: StackProps = {},
  appProps: StackProps = platformProps,
  repositories = [RepositorySelector.prefix('team/')],
): Two {
  const root = app();
  const trust = new ImageTrust(new Stack(root, 'Platform', platformProps), 'Trust', { repositories });
  const stack = new Stack(root, 'App', appProps);
  return {
    trust,
    app: stack,
    image: repository => {
      TrustedImage.fromTag(stack, 'Image', { trust, repository, tag: 'v1' });
    },
    synth: () => {
      root.synth();
    },
  };
}

const selected = (stack: Stack) => Repository.fromRepositoryName(stack, 'Selected', 'team/app');

describe('an image and its trust', () => {
  test.each([
    [
      'in another region',
      IRELAND,
      { env: { account: '123456789012', region: 'us-east-1' } },
      '123456789012.us-east-1',
      '123456789012.eu-west-1',
    ],
    [
      'in another region, with references across regions',
      { ...IRELAND, crossRegionReferences: true },
      { env: { account: '123456789012', region: 'us-east-1' }, crossRegionReferences: true },
      '123456789012.us-east-1',
      '123456789012.eu-west-1',
    ],
    [
      'in another account',
      IRELAND,
      { env: { account: '210987654321', region: 'eu-west-1' } },
      '210987654321.eu-west-1',
      '123456789012.eu-west-1',
    ],
    [
      'anywhere, and the trust in one place',
      IRELAND,
      {},
      '(no account named).(no region named)',
      '123456789012.eu-west-1',
    ],
    [
      'in one place, and the trust anywhere',
      {},
      IRELAND,
      '123456789012.eu-west-1',
      '(no account named).(no region named)',
    ],
    [
      'in a region, and the trust in an account too',
      IRELAND,
      { env: { region: 'eu-west-1' } },
      '(no account named).eu-west-1',
      '123456789012.eu-west-1',
    ],
  ])('%s are refused', (_where, platform, ours, here, there) => {
    const made = two(platform, ours);
    expect(() => made.image(selected(made.app))).toThrow(
      `the image App/Image is in a stack of ${here} and its trust Platform/Trust in one of ${there}, allowed: the same account and region; ${here.includes('(') || there.includes('(') ? 'give both stacks the same env' : ANOTHER}`,
    );
  });

  test.each([
    ['one place', IRELAND],
    ['one that nobody named', {}],
    ['a region', { env: { region: 'eu-west-1' } }],
  ])('in %s are not', (_where, props) => {
    const made = two(props);
    made.image(selected(made.app));
    expect(made.synth).not.toThrow();
  });

  test('in two stages are refused', () => {
    const root = app();
    const trust = new ImageTrust(new Stack(new Stage(root, 'Central'), 'Platform'), 'Trust', {
      repositories: [RepositorySelector.all()],
    });
    const stack = new Stack(new Stage(root, 'Prod'), 'App');
    expect(() =>
      TrustedImage.fromTag(stack, 'Image', { trust, repository: selected(stack), tag: 'v1' }),
    ).toThrow(
      'the image Prod/App/Image is in another stage than its trust Central/Platform/Trust, allowed: the same stage, because no stack waits for a stack of another stage; in that stage, import the trust, ImageTrust.fromStackName(), which needs publishedAs of the trust',
    );
  });
});

describe('a repository whose name the app has to say first', () => {
  const NAMES: [by: string, name: (stack: Stack) => string][] = [
    ['a parameter of the app', stack => new CfnParameter(stack, 'Name').valueAsString],
    ['a parameter store', stack => StringParameter.valueForStringParameter(stack, '/repository')],
    ['a part of it', stack => `other/${new CfnParameter(stack, 'Name').valueAsString}`],
  ];
  const REFUSED =
    /^the repository App\/Repository has no name at synthesis, and its trust is in another stack, which is deployed first and has to know the name: set repositoryName, or create the repository with trust\.addRepository\(\)$/;

  test.each(NAMES)('by %s: the trust cannot wait for it', (_by, name) => {
    const made = two();
    expect(() => made.image(Repository.fromRepositoryName(made.app, 'Repository', name(made.app)))).toThrow(
      REFUSED,
    );
  });

  test.each(NAMES)('by %s, and every repository is selected: nothing has to know it', (_by, name) => {
    const made = two({}, {}, [RepositorySelector.all()]);
    made.image(Repository.fromRepositoryName(made.app, 'Repository', name(made.app)));
    expect(made.synth).not.toThrow();
  });

  test('is enough of a name if it begins with what is selected', () => {
    const made = two();
    made.image(
      Repository.fromRepositoryName(
        made.app,
        'Repository',
        `team/${new CfnParameter(made.app, 'Name').valueAsString}`,
      ),
    );
    expect(made.synth).not.toThrow();
  });

  test('made by the app without a name, and every repository is selected', () => {
    const made = two({}, {}, [RepositorySelector.all()]);
    made.image(new Repository(made.app, 'Repository'));
    expect(made.synth).not.toThrow();
  });

  test.each([
    ['is of the account, which nobody has to say', () => `other/${Aws.ACCOUNT_ID}`],
    ['is known when the app is synthesised', () => Lazy.string({ produce: () => 'other/app' })],
  ])('is none if it %s', (_why, name) => {
    const made = two();
    made.image(Repository.fromRepositoryName(made.app, 'Repository', name()));
    expect(made.synth).not.toThrow();
  });

  test('in the stack of the trust is none', () => {
    const root = app();
    const stack = new Stack(root, 'One');
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    TrustedImage.fromTag(stack, 'Image', {
      trust,
      repository: Repository.fromRepositoryName(
        stack,
        'Repository',
        new CfnParameter(stack, 'Name').valueAsString,
      ),
      tag: 'v1',
    });
    expect(() => root.synth()).not.toThrow();
  });

  test('of a third stack is none: both wait for that', () => {
    const made = two();
    made.image(new Repository(new Stack(made.app.node.root as App, 'Repositories'), 'Repository'));
    expect(made.synth).not.toThrow();
  });

  test("of a nested stack, by its parent's trust, is refused", () => {
    const parent = new Stack(app(), 'Parent');
    const trust = new ImageTrust(parent, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    const nested = new NestedStack(parent, 'Nested');
    expect(() =>
      TrustedImage.fromTag(nested, 'Image', {
        trust,
        repository: new Repository(nested, 'Repository'),
        tag: 'v1',
      }),
    ).toThrow(/has no name at synthesis/);
  });
});

test('no message shows what CDK writes for what is not known yet', () => {
  const stack = new Stack(app(), 'Mine', { env: { region: 'eu-west-1' } });
  const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()] });
  const elsewhere = Repository.fromRepositoryArn(
    stack,
    'Repository',
    'arn:aws:ecr:us-east-1:123456789012:repository/team/app',
  );
  expect(() => TrustedImage.fromTag(stack, 'Image', { trust, repository: elsewhere, tag: 'v1' })).toThrow(
    'the repository Mine/Repository is in 123456789012.us-east-1, allowed: the account and region of its trust and its stack, (no account named).eu-west-1',
  );
});
