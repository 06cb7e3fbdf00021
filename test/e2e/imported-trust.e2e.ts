import { cloud } from './cloud';
import { refusalOf } from './cloud-fixtures';
import { eventually } from './eventually';
import { isRevoked, outputsOf, TwoTeams, untilImporters } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { followTrust } from '../../local/demo/follow';

onlyEmulated('it leaves keys and aliases of fixed names');

const teams = new TwoTeams('import');
const REPOSITORY = 'import/app';
/** Its image is judged after the change of the key. */
const NEW = 'import/new';
const ELSEWHERE = 'elsewhere/app';

const byStack = (tag: string, repository = REPOSITORY) =>
  teams.updateTeam('stack', { tag, repository, keys: [] });
const byParameters = (tag: string, keys: string[], repository = REPOSITORY) =>
  teams.updateTeam('parameters', { tag, repository, keys });
const deployed = async () => (await outputsOf('ImportTeam-stack')).ImageUri;

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a team imports the trust of another app and stage: good images are deployed, bad and revoked ones are not, before and after a change of the key', async () => {
  for (const repositoryName of [REPOSITORY, NEW, ELSEWHERE]) {
    await cloud().ecr.createRepository({ repositoryName });
  }
  await teams.platform({ year: 2026 });
  const { Register: register } = await teams.outputs();
  const former = await teams.key(2026);
  const digest = await push(REPOSITORY, 'clean', 'v1');
  await followTrust(cloud(), register!, REPOSITORY, digest);

  await teams.team({ tag: 'v1', repository: REPOSITORY, keys: [former] });
  expect(await deployed()).toContain(digest);
  await untilImporters(register!, 2);

  await push(REPOSITORY, 'fixable-critical', 'bad');
  for (const refused of [await refusalOf(byStack('bad')), await refusalOf(byParameters('bad', [former]))]) {
    expect(refused).toContain('is refused: it does not pass policy');
    expect(refused).toContain('upgrade minimist to 0.2.4');
  }
  expect(await deployed()).toContain(digest);

  await push(ELSEWHERE, 'clean', 'v1');
  expect(await refusalOf(byStack('v1', ELSEWHERE))).toContain(
    'the repository "elsewhere/app" is not enrolled in the trust',
  );

  // the platform's team replaces the key, and nobody tells the other team
  await teams.updatePlatform({ year: 2027, former });
  const present = await teams.key(2027);
  await teams.updatePlatform({ year: 2027 });
  await push(NEW, 'clean', 'v2');
  await byStack('v2', NEW);
  // where an app names keys, its team has to name the new one
  expect(await refusalOf(byParameters('v2', [former], NEW))).toContain(
    'its statement is not signed by a pinned key',
  );
  await byParameters('v2', [present, former], NEW);

  await teams.updatePlatform({ year: 2027, label: 'owner' });
  await eventually('the image is revoked', () => isRevoked(register!, REPOSITORY, digest));
  expect(await refusalOf(byStack('v1'))).toContain('it was trusted, and a later verdict refused it');

  await teams.team({ tag: 'v2', repository: NEW, keys: [present] }, 'destroy', '--force');
  await untilImporters(register!, 0);
  await teams.platform({ year: 2027, label: 'owner' }, 'destroy', '--force');
});
