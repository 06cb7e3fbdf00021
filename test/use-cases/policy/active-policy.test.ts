import type { ImageName } from '../../../src/core/image/image';
import { World } from '../world';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

describe('the policy', () => {
  test('that is not valid for this version is a failed scan POLICY_INVALID, and over when a valid one comes: from the stored report', async () => {
    world.publish({ name: 'of tomorrow', maxAgeHours: 72, rules: [{ rule: 'quantum', action: 'deny' }] });
    world.push(image, 'v1');
    await world.settle();
    expect(world.row(image).lastFailedScan).toMatchObject({
      cause: 'POLICY_INVALID',
      count: 1,
      detail: expect.stringMatching(/no rule is called "quantum"/),
    });
    expect(world.lost).toEqual([]);

    world.pass(1);
    await world.reconcile();
    expect(world.failures(image)).toEqual(['POLICY_INVALID']);

    world.publish({ name: 'of today', maxAgeHours: 72, rules: [{ rule: 'secrets', action: 'deny' }] });
    await world.reconcile();
    expect(world.outcome(image)).toBe('PASS');
    expect(world.buildsOf(image)).toBe(1);
  });

  test('that is not there, or is not what its hash says, decides nothing: the message is poison after five exceptions', async () => {
    world.unpublish();
    world.push(image, 'v1');
    await world.settle();
    expect(world.row(image)).not.toHaveProperty('verdict');
    expect(world.row(image)).not.toHaveProperty('lastFailedScan');
    expect(world.results.dead).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ why: expect.stringMatching(/no policy is published/) }),
      ]),
    );
  });

  test('that changed between a crash and its redelivery is the one that counts (rule 4.2, optimistic locking)', async () => {
    world.finds(image, 'fixable-critical');
    world.publish({ name: 'lenient', maxAgeHours: 72, rules: [{ rule: 'secrets', action: 'deny' }] });
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    const save = world.register.save.bind(world.register);
    jest
      .spyOn(world.register, 'save')
      .mockImplementationOnce(async () => {
        throw new Error('after the verdict was written');
      })
      .mockImplementation(save);
    await world.settle({ minutes: 0.6 });
    world.publish({
      name: 'strict',
      maxAgeHours: 72,
      rules: [{ rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: true }],
    });
    await world.settle();

    expect(world.row(image).verdict).toMatchObject({ outcome: 'FAIL', policyRevision: 3 });
    expect(world.evidence.keys('verdicts/')).toHaveLength(2);
  });
});
