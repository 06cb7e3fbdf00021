import {
  BrakeState,
  NO_BRAKE,
  withRelease,
  type BrakeRelease,
} from '../../../src/core/register/revocation-brake';
import { releaseBrake, type ReleaseContext } from '../../../use-cases/evaluation/release-brake';

const NOW = new Date('2026-11-25T02:00:00.000Z');
const CALLER = 'arn:aws:sts::000000000000:assumed-role/OnCall/alice';
const BODY = { action: 'release', justification: 'the new rule is meant', ticket: 'INC-1' };
const PULLED: BrakeState = {
  ...NO_BRAKE,
  pulled: { at: '2026-11-25T01:00:00.000Z', until: '2026-11-26T01:00:00.000Z', because: 'many' },
};

let state: BrakeState;
let calls: string[];
let written: BrakeRelease[];
let ids: number;

beforeEach(() => {
  [state, calls, written, ids] = [PULLED, [], [], 0];
});

function context(fails?: string): ReleaseContext {
  const call = (name: string) => {
    calls.push(name);
    if (name === fails) throw new Error(`${name} failed`);
  };
  return {
    now: NOW,
    newId: () => `01JDG000000000000000000${String(++ids).padStart(3, '0')}`,
    brake: {
      load: async () => state,
      release: async (by, now) => {
        call('release');
        const released = withRelease(state, by, now);
        state = released?.state ?? state;
        return released?.release;
      },
    },
    evidence: {
      writeOnce: async (key, body) => {
        call(key);
        written.push(JSON.parse(body) as BrakeRelease);
        return true;
      },
    },
    events: {
      publish: async ({ detailType, detail }) => call(`${detailType} by ${detail.releasedBy}`),
    },
    sweep: async () => call('sweep'),
  };
}

const ALL = [
  'release',
  'policies/brake/01JDG000000000000000000001.json',
  `Revocation Brake Released by ${CALLER}`,
  'sweep',
];

test('rule 5.13, the brake: a release says who and why, as evidence and event, and then every image is looked at', async () => {
  const answer = await releaseBrake(CALLER, BODY, context());
  expect(answer).toMatchObject({ released: { releasedBy: CALLER, ticket: 'INC-1' } });
  expect(calls).toEqual(ALL);
  expect(written).toEqual([state.released]);
});

test.each(ALL.slice(1))('a call that stopped at "%s" is made again, and ends what is open', async fails => {
  await expect(releaseBrake(CALLER, BODY, context(fails))).rejects.toThrow('failed');
  calls = [];
  expect(await releaseBrake(CALLER, BODY, context())).toEqual({ released: state.released });
  expect(calls).toEqual(ALL);
});

test.each([
  [undefined, [/^action is missing/, /^justification is missing/, /^ticket is missing/]],
  [{ ...BODY, action: 'hold' }, [/^action is "hold", allowed: "release"/]],
  [{ ...BODY, justification: 'short' }, [/^justification is "short", allowed: 10 to 500 characters/]],
  [{ ...BODY, ticket: '' }, [/^ticket is "", allowed: 1 to 500 characters; name the incident/]],
])('refuses %o', async (body, problems) => {
  const answer = await releaseBrake(CALLER, body, context());
  expect(answer).toEqual({ problems: problems.map(each => expect.stringMatching(each)) });
  expect(calls).toEqual([]);
});

test('there is nothing to release where nothing is held', async () => {
  state = NO_BRAKE;
  const answer = await releaseBrake(CALLER, BODY, context());
  expect(answer).toEqual({ problems: ['the brake holds nothing: there is nothing to release'] });
  expect(calls).toEqual(['release']);
});
