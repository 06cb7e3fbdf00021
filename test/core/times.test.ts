import { Seconds } from '../../src/core/times';

describe('CloudFormation waits 30 seconds for the answer of a hook', () => {
  const HOOK = 30;
  const waits = Seconds.gateDecides + Seconds.gateTells;

  test('what a stack does is asked within the time of the decision', () => {
    expect(Seconds.gateAsksStack).toBeLessThanOrEqual(Seconds.gateDecides - 5);
  });

  test('rule 5.7, fail closed: all that a gate waits for ends before AWS Lambda ends its function', () => {
    expect(waits).toBeLessThanOrEqual(Seconds.gateFunction - 3);
  });

  test('rule 5.7, fail closed: the function ends, and may have started, well before CloudFormation gives up', () => {
    expect(Seconds.gateFunction).toBeLessThanOrEqual(HOOK - 5);
  });

  test('rule 5.11, break-glass: a trust that hangs leaves time to read grants, also after a large request', () => {
    expect(Seconds.trustAnswers).toBeLessThanOrEqual(Seconds.gateDecides - Seconds.hookPayload - 2);
    expect(Seconds.trustAnswers).toBeLessThanOrEqual(Seconds.gateDecides - 10);
  });

  test('a large request is fetched, or given up with the reason, while there is time to ask for trust', () => {
    expect(Seconds.hookPayload).toBeLessThanOrEqual(Seconds.gateDecides - 5);
  });
});
