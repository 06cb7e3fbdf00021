import { check, complaints } from '../../support/check';
import { ruleInput } from '../../support/made';

describe('layers that were searched for no secrets', () => {
  test('passes an image of which every layer was searched', () => {
    expect(complaints(check('unsearched-layers', ruleInput('clean')))).toEqual([]);
  });

  test.each([[1, 'the first 1 layer for'], [3, 'the first 3 layers for']])('fails one of which %i were not', (unsearchedLayers, message) => {
    const input = ruleInput('clean', { coverage: { unknownRelease: false, unsearchedLayers } });
    expect(complaints(check('unsearched-layers', input))).toEqual([expect.stringContaining(message)]);
  });
});
