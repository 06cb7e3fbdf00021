import { DIGEST, REGISTRY } from './events';
import { asText } from '../../../src/core/alerts/message';
import { placesOf, type Running } from '../../../src/core/running/inventory';
import { revokedRunningMessage } from '../../../src/core/running/revoked-message';

const IMAGE = `000000000000.us-east-1/team/app@${DIGEST}`;
const OTHER = `sha256:${'b'.repeat(64)}`;
const service = (reference: string, digest?: string, arn = 'service/web'): Running => ({
  kind: 'ECS_SERVICE',
  arn,
  image: { reference, ...(digest !== undefined && { digest }) },
});
const places = (...running: Running[]) => placesOf(IMAGE, new Set([DIGEST]), { running, unknown: [] });

test.each([
  ['was reported by its service', `${REGISTRY}/team/app:v1`, DIGEST, 'REPORTED'],
  ['is named by its digest', `${REGISTRY}/team/app@${DIGEST}`, undefined, 'NAMED'],
  ['may be meant by a tag', `${REGISTRY}/team/app:v1`, undefined, 'TAG'],
])('an image that %s', (_, reference, digest, by) => {
  expect(places(service(reference, digest))).toEqual([{ kind: 'ECS_SERVICE', arn: 'service/web', by }]);
});

test.each([
  ['another digest', `${REGISTRY}/team/app@${OTHER}`, undefined],
  ['another digest by the same tag', `${REGISTRY}/team/app:v1`, OTHER],
  ['the same digest in another repository, which is another image', `${REGISTRY}/team/b@${DIGEST}`, DIGEST],
  ['another registry', `docker.io/team/app@${DIGEST}`, DIGEST],
  ['no reference', 'UPPER CASE', DIGEST],
])('is not found by %s', (_, reference, digest) => {
  expect(places(service(reference, digest))).toEqual([]);
});

test('what a service reports counts, and not the tag of its definition', () => {
  const definition = service(`${REGISTRY}/team/app:v1`);
  expect(places(definition, service(`${REGISTRY}/team/app:v1`, OTHER))).toEqual([]);
  expect(places(definition, service(`${REGISTRY}/team/app:v1`, DIGEST))).toMatchObject([{ by: 'REPORTED' }]);
});

test('many tasks of a service are one place', () => {
  const task = service(`${REGISTRY}/team/app:v1`, DIGEST);
  expect(places(task, task, service(`${REGISTRY}/team/app:v1`, DIGEST, 'service/api'))).toHaveLength(2);
});

describe('the alert', () => {
  const place = { kind: 'ECS_SERVICE', arn: 'service/web', by: 'TAG' } as const;
  const told = (...[found, unknown]: [(typeof place)[], string[]]) => {
    const message = revokedRunningMessage(IMAGE, ['CVE-1 in x'], found, unknown);
    return message && asText(message);
  };

  test('names each place, how it is known, and what to do', () => {
    expect(told([place], [])).toMatch(
      /revoked, runs in 1 place: .*CVE-1 in x.*service service\/web \(perhaps: it names only a tag.*- deploy a digest/s,
    );
  });

  test('rule 5.12, watchers: never says that it runs nowhere where something could not be looked up', () => {
    expect(told([], ['the tasks of prod could not be looked up: AccessDeniedException'])).toMatch(
      /not known where it runs.*not looked up: the tasks of prod/s,
    );
  });

  test('is not sent where it runs nowhere', () => {
    expect(told([], [])).toBeUndefined();
  });
});
