import { Fakes, NOW, yaml } from './waiver-world';
import { WAIVER_KEY_CHARACTERS } from '../../../src/core/evidence/verdict';
import { parseWaivers } from '../../../src/core/waivers/document';
import { publishWaivers } from '../../../use-cases/waivers/publish-waivers';
import { remindOfWaivers } from '../../../use-cases/waivers/remind-of-waivers';

let world: Fakes;

beforeEach(() => {
  world = new Fakes();
});

describe('people are reminded', () => {
  const publish = async (...waivers: Parameters<typeof yaml>[0]) => {
    world.content = Buffer.from(yaml(waivers));
    await publishWaivers(world);
  };
  const told = () =>
    world.sent.map(({ detailType, detail }) => [
      detailType,
      'daysLeft' in detail ? detail.daysLeft : 'count' in detail ? detail.count : undefined,
    ]);
  const keys = () => {
    const waivers = parseWaivers(world.objects.get(`policies/waivers/${world.active!.sha256}.json`)!);
    return waivers.ok ? waivers.value.map(({ key }) => key.slice(0, WAIVER_KEY_CHARACTERS)) : [];
  };

  test('of nothing, where nothing was accepted', async () => {
    expect(await remindOfWaivers(world)).toBe('0 waivers, 0 end soon, 0 cover nothing');
    expect(world.sent).toEqual([]);
  });

  test('14, 7 and 1 days before the end, and on no other day', async () => {
    await publish({ id: 'CVE-1', expires: '2026-12-25' });
    world.usedNow = { keys: new Set(keys()) };
    for (let day = 0; day < 35; day++) {
      world.now = new Date(NOW.getTime() + day * 86_400_000);
      await remindOfWaivers(world);
    }
    expect(told()).toEqual([
      ['Waiver Expiring', 14],
      ['Waiver Expiring', 7],
      ['Waiver Expiring', 1],
    ]);
  });

  test('of those that cover nothing in any image, in one event', async () => {
    await publish({ id: 'CVE-1' }, { id: 'CVE-2' }, { id: 'CVE-3' });
    world.usedNow = { keys: new Set(keys().slice(0, 1)) };
    expect(await remindOfWaivers(world)).toBe('3 waivers, 0 end soon, 2 cover nothing');
    expect(told()).toEqual([['Waivers Unused', 2]]);
  });

  test('of none that an image may need that has no room for all of its', async () => {
    await publish({ id: 'CVE-1' }, { id: 'CVE-2' }, { id: 'CVE-3' });
    const [first, second] = keys() as [string, string];
    world.usedNow = { keys: new Set([second]), unknownFrom: second };
    await remindOfWaivers(world);
    expect(world.sent).toMatchObject([
      { detail: { count: 1, waivers: [{ key: expect.stringMatching(first) }] } },
    ]);
  });

  test('of what is active, also while the file cannot be read', async () => {
    await publish({ id: 'CVE-1', expires: '2026-11-26' });
    world.content = Buffer.from('waivers:');
    await publishWaivers(world);
    await remindOfWaivers(world);
    expect(told()).toEqual([
      ['Waivers Rejected', undefined],
      ['Waiver Expiring', 1],
      ['Waivers Unused', 1],
    ]);
  });

  test.each([
    ['gone', undefined, /is not in the evidence bucket/],
    ['not what it was', '[]', /is not what its name says/],
  ])('not where what is active is %s: the function fails, and its alarm says so', async (_, text, error) => {
    await publish({ id: 'CVE-1' });
    world.objects.clear();
    if (text !== undefined) world.objects.set(`policies/waivers/${world.active!.sha256}.json`, text);
    await expect(remindOfWaivers(world)).rejects.toThrow(error);
  });
});
