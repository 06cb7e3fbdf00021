import { failed, ok } from '../../../src/core/result';
import { pullCached, type PullsByTag } from '../../../use-cases/scanning/pull-cached';

const DATABASE = { repository: 'cache/trivy-db', tag: '2' };
const IMAGE = { repository: 'cache/trivy', tag: '0.74.0' };

/** A registry that answers as given, and notes what it was asked for. */
function registry(answers: Record<string, () => ReturnType<PullsByTag['read']>>) {
  const pulled: string[] = [];
  return {
    pulled,
    of: ({ repository }: { repository: string }): PullsByTag => ({
      read: ({ imageTag }) => {
        pulled.push(`${repository}:${imageTag}`);
        return (answers[repository] ?? (async () => ok({})))();
      },
    }),
  };
}

test('every tag is pulled once', async () => {
  const { of, pulled } = registry({});
  expect(await pullCached([IMAGE, DATABASE], of)).toEqual([]);
  expect(pulled).toEqual(['cache/trivy:0.74.0', 'cache/trivy-db:2']);
});

test.each([
  ['an answer', async () => failed(new Error('UpstreamTooManyRequests'))],
  [
    'an exception',
    async () => {
      throw new Error('UpstreamTooManyRequests');
    },
  ],
])('what cannot be pulled, by %s, is told and holds up nothing else', async (_, answer) => {
  const { of, pulled } = registry({ [IMAGE.repository]: answer });
  expect(await pullCached([IMAGE, DATABASE], of)).toEqual([
    'cache/trivy:0.74.0 was not pulled through its cache: UpstreamTooManyRequests',
  ]);
  expect(pulled).toContain('cache/trivy-db:2');
});
