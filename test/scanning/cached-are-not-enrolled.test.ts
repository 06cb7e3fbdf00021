import {
  PullThroughCache,
  RepositorySelector,
  ScannerImage,
  VulnerabilityDatabase,
  type ImageTrustProps,
} from '../../src';
import { Enrolment, isEnrolledByName, isEnrolledByTags } from '../../src/core/image/enrolment';
import { environmentOf, trustStack } from '../support/synthesise';

const CACHED = ['aquasecurity/trivy', 'aquasecurity/trivy-db', 'aquasecurity/trivy-java-db'].map(
  name => `ecr-public/${name}`,
);

function enrolmentOf(repositories: ImageTrustProps['repositories']): Enrolment {
  const cache = PullThroughCache.fromPrefix('ecr-public');
  const { template } = trustStack({
    repositories,
    scannerImage: ScannerImage.fromPullThroughCache(cache),
    database: VulnerabilityDatabase.fromPullThroughCache(cache),
  });
  return Enrolment.parse(JSON.parse(environmentOf(template, 'Takes the scan lease').REPOSITORIES!));
}

const TAG = RepositorySelector.tag('trusted', 'yes');

test.each([
  ['all()', [RepositorySelector.all()]],
  ['a tag', [TAG]],
  ['the prefix of the cache', [RepositorySelector.prefix('ecr-public/')]],
])('%s selects neither what the library caches, nor the repository of the probe', (_, repositories) => {
  const enrolment = enrolmentOf(repositories);
  for (const name of CACHED) {
    expect([name, isEnrolledByName(enrolment, name)]).toEqual([name, false]);
    expect([name, isEnrolledByTags(enrolment, name, { trusted: 'yes' })]).toEqual([name, false]);
  }
  const probe = enrolment.find(each => each.by === 'except' && each.name.includes('Probe'));
  expect(probe).toBeDefined();
});

test('what is in the same cache and not of the library is selected', () => {
  expect(isEnrolledByName(enrolmentOf([RepositorySelector.all()]), 'ecr-public/nginx/nginx')).toBe(true);
});

test('what somebody names is enrolled: it is not refused later', () => {
  const enrolment = enrolmentOf([RepositorySelector.all(), RepositorySelector.name(CACHED[0]!)]);
  expect(CACHED.map(name => isEnrolledByName(enrolment, name))).toEqual([true, false, false]);
});

test('a selector that does not reach them needs no exception', () => {
  const exceptions = enrolmentOf([RepositorySelector.prefix('team/')]).filter(({ by }) => by === 'except');
  expect(exceptions).toHaveLength(1); // the probe's
});
