import { check, complaints } from '../../support/check';
import { ruleInput } from '../../support/made';

describe('end-of-life-os', () => {
  test.each(['clean', 'scratch', 'unknown-os-release'])('passes %s', name => {
    expect(complaints(check('end-of-life-os', ruleInput(name)))).toEqual([]);
  });

  test('fails an Alpine that gets no fixes any more', () => {
    expect(complaints(check('end-of-life-os', ruleInput('alpine-eol')))).toEqual([expect.stringMatching(/^alpine 3\.11\.2 has reached its end of life/)]);
  });
});
