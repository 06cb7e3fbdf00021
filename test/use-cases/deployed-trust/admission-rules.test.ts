import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { admissionRules } from '../../../use-cases/deployed-trust/admission-rules';
import { IMAGE, minutes, NOW, scanId } from '../../core/support/made';
import { LocalKey } from '../../core/support/signing';

const KEY = new LocalKey('ours').verification;
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const row = (digit: string, of: Partial<RegisterRow> = {}, repository = 'app'): RegisterRow => {
  const image = IMAGE.replace(/[^/]+@sha256:[0-9a-f]{64}$/, `${repository}@${digest(digit)}`);
  return { ...newRow(image), kind: 'image', ...of };
};
const SIGNED = {
  keyHint: 'hint',
  at: NOW.toISOString(),
  summary: { until: minutes(9).toISOString(), policy: 'p' },
};

async function rulesOf(rows: readonly RegisterRow[], of: Partial<Parameters<typeof admissionRules>[0]> = {}) {
  const notes: string[] = [];
  const rules = await admissionRules({
    rows,
    keys: [KEY],
    repositories: [],
    policyName: 'trusted-images',
    now: NOW,
    note: line => notes.push(line),
    ...of,
  });
  return { ...rules, notes };
}

test('each repository once, each revoked image once, also of an image that was deleted', async () => {
  const gone = {
    at: NOW.toISOString(),
    cause: 'IMAGE_GONE',
    detail: '',
    attempts: 1,
    retry: 'NONE',
  } as never;
  const { repositories, revoked, notes } = await rulesOf([
    row('a', { signature: SIGNED }),
    row('b', { revokedBy: scanId(1) }),
    row('b', { revokedBy: scanId(1) }, 'other'),
    row('c', { revokedBy: scanId(2), lastFailedScan: gone }),
    row('d', { kind: 'attachment', revokedBy: scanId(3) }, 'signatures'),
  ]);
  expect(repositories.map(each => each.replace(/^.*\//, ''))).toEqual(['app', 'other']);
  expect(repositories[0]).toMatch(/^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\//);
  expect(revoked).toEqual([
    `${repositories[0]}@${digest('b')}`,
    `${repositories[0]}@${digest('c')}`,
    `${repositories[1]}@${digest('b')}`,
  ]);
  expect(notes).toEqual([expect.stringContaining('an image of a repository that comes later is not judged')]);
});

test('the repositories that are named, and no other, with the digests of all', async () => {
  const repositories = [{ account: '111111111111', region: 'cn-north-1', repository: 'team/new' }];
  const rules = await rulesOf([row('b', { revokedBy: scanId(1) })], { repositories });
  expect(rules).toMatchObject({
    repositories: ['111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/team/new'],
    revoked: [expect.stringContaining(`/app@${digest('b')}`)],
  });
});

test('without a summary anywhere it says that every image would be refused', async () => {
  expect((await rulesOf([row('a')])).notes).toEqual([
    expect.stringContaining('comes later'),
    expect.stringContaining('no image has a verification summary, so policies that ask for one refuse every'),
  ]);
});

test('a key that was replaced is left out', async () => {
  const former = { ...new LocalKey('former').verification, acceptedUntil: minutes(-1) };
  const { keys } = await rulesOf([row('a')], { keys: [former, KEY] });
  expect(keys).toEqual([{ pem: KEY.publicKey.export({ type: 'spki', format: 'pem' }) }]);
  await expect(rulesOf([row('a')], { keys: [former] })).rejects.toThrow(
    'no signing key of the trust is accepted, so a policy could admit nothing: see "doctor"',
  );
});

test('an empty register has no repositories to write a policy for', async () => {
  await expect(rulesOf([])).rejects.toThrow('or name repositories with --repository');
});
