import { readId } from '../../../src/core/gates/admitted';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { accessRemedy } from '../../../src/core/sharing/remedy';
import { World } from '../world';
import { Gate, type Deployed } from '../world/gate';

/**
 * A gate whose trust is one of another app, of which it read what is published.
 */
const KEYS = '[{"arn":"arn:aws:kms:us-east-1:111111111111:key/1"}]';
const REMEDY = accessRemedy('111111111111.us-east-1', '222222222222');

let world: World;
let gate: Gate;
let image: ImageName;
let deployed: Deployed;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new Gate(world);
  gate.remedy = REMEDY;
  gate.read = { schemaVersion: '1', repositories: '[{"by":"prefix","prefix":"team/"}]', pinnedKeys: KEYS };
  image = world.has('clean');
  deployed = { repository: imageOf(image).repository, digest: imageOf(image).digest };
});

const enrolled = (...selectors: object[]) => JSON.stringify(selectors);

test('an image of an enrolled repository is judged, by the keys that were read for this deployment', async () => {
  const waiting = await gate.request(gate.event(deployed));
  expect(waiting).toMatchObject({ image, pinnedKeys: KEYS });
  world.push(image);
  expect(await gate.create(deployed)).toMatchObject({ image });
});

test('a schema version that is not known is refused at once, and says what to do', async () => {
  gate.read = { ...gate.read, schemaVersion: '2' };
  const { reason, seconds } = await gate.create(deployed);
  expect(reason).toBe(
    `${deployed.repository} is refused: the trust is published with schemaVersion "2", allowed: "1"; deploy this stack with the version of cdk-trusted-images that the trust is deployed with`,
  );
  expect(seconds).toBe(0);
  expect(world.requests.messages).toEqual([]);
});

test.each([
  ['by digest', () => deployed],
  [
    'by tag, which is not looked up: there it may name another image',
    () => ({ ...deployed, digest: undefined, tag: 'v1' }),
  ],
])('a repository of another place than the trust is refused at once: %s', async (_, named) => {
  gate.owner = '999999999999.eu-west-1';
  const { reason, seconds } = await gate.create(named() as Deployed);
  expect(reason).toContain(
    'is refused: its repository is in 000000000000.us-east-1, and the trust judges images of 999999999999.eu-west-1, and of repositories of other accounts in that region that it lists: name one of these',
  );
  expect(seconds).toBe(0);
  expect(gate.resolved).toEqual([]);
  expect(world.requests.messages).toEqual([]);

  gate.owner = '000000000000.us-east-1';
  world.push(image);
  expect(await gate.create(deployed)).toMatchObject({ image });
});

test('a repository of another account than the trust is judged if the trust lists it by its name in that account', async () => {
  gate.owner = '999999999999.us-east-1';
  const { repository: name } = deployed;
  for (const enrolment of [
    enrolled({ by: 'all' }, { by: 'name', name }),
    enrolled({ by: 'name', name, account: '111111111111' }),
    '{', // of a later version, which nobody here can read
  ]) {
    gate.read = { ...gate.read, repositories: enrolment };
    const { reason, seconds } = await gate.create(deployed);
    expect(reason).toContain('is refused: its repository is in 000000000000.us-east-1, and the trust judges');
    expect(seconds).toBe(0);
  }
  expect(world.requests.messages).toEqual([]);

  gate.read = { ...gate.read, repositories: enrolled({ by: 'name', name, account: '000000000000' }) };
  world.push(image);
  expect(await gate.create(deployed)).toMatchObject({ image });
});

test('a repository that is not enrolled is refused at once, and nobody is asked to scan', async () => {
  gate.read = { ...gate.read, repositories: enrolled({ by: 'prefix', prefix: 'other/' }) };
  const { reason, seconds } = await gate.create(deployed);
  expect(reason).toBe(
    `${deployed.repository} is refused: the repository ${JSON.stringify(deployed.repository)} is not enrolled in the trust, so its images are never judged: ask the team of the trust to enrol it, by a selector in its repositories, then deploy again`,
  );
  expect(seconds).toBe(0);
  expect(world.requests.messages).toEqual([]);
});

test.each([
  ['by name', enrolled({ by: 'name', name: 'team/clean' })],
  ['on request', enrolled({ by: 'request', name: 'team/clean' })],
  ['with all others', enrolled({ by: 'all' })],
  ['perhaps, by a tag', enrolled({ by: 'tag', key: 'trusted', value: 'yes' })],
  ['in a way that a later version has', enrolled({ by: 'moon' })],
  ['as a text that is no list', 'every one'],
])('a repository that is enrolled %s is asked about', async (_way, repositories) => {
  gate.read = { ...gate.read, repositories };
  expect(deployed.repository).toBe('team/clean');
  expect(await gate.request(gate.event(deployed))).toMatchObject({ image });
});

test('a rollback is not refused by a schema version', async () => {
  world.push(image);
  const { id } = await gate.create(deployed);
  gate.read = { ...gate.read, schemaVersion: '2' };
  const back = await gate.update(id!, deployed, 'UPDATE_ROLLBACK_IN_PROGRESS');
  expect(back.reason).toBeUndefined();
  expect(readId(back.id!)!.last.image).toBe(image);
});

describe('a trust that does not answer', () => {
  const denied = Object.assign(new Error('no resource-based policy allows it'), {
    name: 'AccessDeniedException',
  });

  test('a register that cannot be read is refused, with what to ask of its team', async () => {
    world.register.load = () => Promise.reject(denied);
    const { reason } = await gate.create(deployed);
    expect(reason).toContain(
      'it could not be looked up (AccessDeniedException: no resource-based policy allows it)',
    );
    expect(reason).toContain(
      "To fix: try again; then ask the team of the trust in 111111111111.us-east-1 to list this account, importers: [Importer.account('222222222222')]",
    );
  });

  test('a scan that cannot be requested is refused at once, with the same', async () => {
    world.requests.send = () => Promise.reject(denied);
    const { reason, seconds } = await gate.create(deployed);
    expect(reason).toContain(
      'is refused: it has not been judged yet; its scan could not be requested (AccessDeniedException',
    );
    expect(reason).toContain("importers: [Importer.account('222222222222')]");
    expect(seconds).toBe(0);
  });

  test('a tag that may not be read is refused, and names the policy of the repository', async () => {
    gate.resolve = () => Promise.reject(denied);
    const { reason } = await gate.create({ repository: deployed.repository, tag: 'v1' });
    expect(reason).toContain('the tag "v1" of ');
    expect(reason).toContain('let the policy of the repository allow ecr:BatchGetImage');
  });

  test('in the same account, its team is not asked to list it', () => {
    expect(accessRemedy('111111111111.us-east-1', '111111111111')).toBe(
      'try again; then see whether the trust in 111111111111.us-east-1 is still deployed; if it was replaced, import it under another id',
    );
  });
});
