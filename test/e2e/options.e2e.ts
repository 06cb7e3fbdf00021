import type { Changes } from './apps/gated-stacks/changes';
import { cloud } from './cloud';
import { GatedStacks } from './gated-stacks';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';

onlyEmulated('each of its deployments changes an option of one more trust, or fails on purpose');

const app = new GatedStacks('Options');

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  await GatedStacks.makeTakenBus();
  for (const part of ['Shop', 'Billing'] as const) {
    await cloud().ecr.createRepository({ repositoryName: app.repository(part) });
  }
  await app.deploy('Platform');
  for (const part of ['Shop', 'Billing'] as const) await push(app.repository(part), 'clean', 'v1');
  await app.deploy('Shop');
  await app.deploy('Billing');
});

afterAll(async () => {
  for (const part of ['Shop', 'Billing', 'Platform'] as const) await app.destroy(part);
});

/** One after the other: each begins where the one before ended. */
const journey: [what: string, changes: Omit<Changes, 'name' | 'fails'>][] = [
  ['without emergency access', { emergencyAccess: 'NONE' }],
  ['with emergency access again, without topics', { alertTopics: 'none' }],
  ['with a topic of its own making', { alertTopics: 'other' }],
  ['with the topic of before, without the table of findings', { findings: 'NONE' }],
  ['without a probe, with a second gate', { deploymentProbe: 'NONE', secondGate: true }],
  ['without the first gate', { secondGate: true, noEcsGate: true }],
  ['as it was', {}],
];

test.each(journey)(
  'a trust that gates of other stacks ask becomes a trust %s: the deployment fails and goes back, then succeeds, and the gates follow',
  async (_, changes) => {
    await app.failToDeploy('Platform', changes);
    await app.deploy('Platform', changes);
    await app.failToDeploy('Shop', changes);
    await app.deploy('Shop', changes);
    // the other stack follows at the end only
  },
);

test('a stack that was not deployed meanwhile follows', async () => {
  await app.deploy('Billing');
});
