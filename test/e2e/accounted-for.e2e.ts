import { makeRepository, push, quickstart, rowOnce, verdictOf } from './quickstart';
import { craftedImage, UNACCOUNTED, type UnaccountedName } from '../../local/images/zoo/unaccounted';

beforeAll(quickstart);

/** Each was signed once, and some were deployed. */
const REFUSED = ['echo-in-a-layer-between', 'alpine-3.22-below-3.11', 'wolfi-below-alpine-3.11'] as const;
const UNTOLD = [
  'two-release-files-in-a-layer',
  'dependencies-of-objects',
  'pom-with-a-line-of-70-kib',
] as const satisfies readonly UnaccountedName[];

test.each(REFUSED)('rule 5.9, what was scanned is what runs: %s is refused', async name => {
  const repository = await makeRepository();
  const crafted = UNACCOUNTED[name];
  const { outcome, worst } = await verdictOf(repository, await push(repository, await craftedImage(crafted)));
  expect(outcome).toBe('FAIL');
  expect(JSON.stringify(worst)).toContain(crafted.found.split(' ')[0]);
});

test.each(UNTOLD)('rule 5.9, what was scanned is what runs: %s gets no verdict', async name => {
  const repository = await makeRepository();
  const crafted = UNACCOUNTED[name];
  const digest = await push(repository, await craftedImage(crafted));
  const { lastFailedScan, verdict, statement } = await rowOnce(
    repository,
    digest,
    row => row.lastFailedScan !== undefined || row.verdict !== undefined,
  );
  expect({ verdict, statement }).toEqual({ verdict: undefined, statement: undefined });
  expect(lastFailedScan).toMatchObject({
    cause: 'NOT_COVERED',
    detail: expect.stringContaining(crafted.notCovered) as string,
  });
});
