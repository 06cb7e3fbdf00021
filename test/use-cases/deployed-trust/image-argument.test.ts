import { imageAsked, repositoryAsked } from '../../../use-cases/deployed-trust/image-argument';
import { fakeCli } from '../../cli/stack/fakes';
import { DIGEST, IMAGE } from '../../core/support/made';

const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
const never = () => {
  throw new Error('nobody is asked');
};

test.each([`${HOST}/team/app@${DIGEST}`, `${HOST}/team/app:v1@${DIGEST}`, IMAGE])(
  '%s needs nobody',
  async reference => {
    expect(await imageAsked(reference, {}, never, fakeCli())).toBe(IMAGE);
  },
);

test.each([`${HOST}/team/app:v1`, `${HOST}/team/app`, `evil.io/team/app@${DIGEST}`, 'app'])(
  '%s: usage, with what to give instead',
  async reference => {
    await expect(imageAsked(reference, {}, never, fakeCli())).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/sha256:<64 hex>/),
    });
  },
);

test('no tag is no tag, also where one would be looked up', async () => {
  await expect(imageAsked(`${HOST}/team/app`, { resolveTag: true }, never, fakeCli())).rejects.toMatchObject({
    kind: 'usage',
  });
});

test('a tag is looked up once where that is asked for, and told', async () => {
  const cli = fakeCli();
  expect(
    await imageAsked(
      `${HOST}/team/app:v1`,
      { resolveTag: true },
      async ({ tag }) => (tag === 'v1' ? DIGEST : undefined),
      cli,
    ),
  ).toBe(IMAGE);
  expect(cli.said()).toBe(`team/app:v1 is ${DIGEST}\n`);
});

test('a tag that names nothing could not be looked up', async () => {
  await expect(
    imageAsked(`${HOST}/team/app:v2`, { resolveTag: true }, async () => undefined, fakeCli()),
  ).rejects.toMatchObject({ kind: 'indeterminate' });
});

describe('a repository', () => {
  const registry = { account: '111111111111', region: 'eu-west-1' };

  test('by its name lies in the registry of the stack', () => {
    expect(repositoryAsked('team/app', registry)).toEqual({ ...registry, repository: 'team/app' });
  });

  test('as registry clients write it lies where it says', () => {
    expect(repositoryAsked(`${HOST}/team/app`, registry)).toEqual({
      account: '000000000000',
      region: 'us-east-1',
      repository: 'team/app',
    });
  });

  test.each(['Team/App', '', 'evil.io/team/app:v1', '\u001b[2Jx'])('%j is none', name => {
    expect(() => repositoryAsked(name, registry)).toThrow(
      /^the repository is "[^\u001b]*", allowed: its name, as team\/app/,
    );
  });
});
