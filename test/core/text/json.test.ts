import * as fc from 'fast-check';
import { parseJson, parseUnambiguousJson } from '../../../src/core/text/json';

const NAMES = ['layers', 'size'];

describe('JSON that every reader reads alike (rule 5.1, hermetic scan)', () => {
  test.each([
    '{"layers":[1],"Layers":[2]}',
    '{"Layers":[2]}',
    '{"LAYERS":[2]}',
    '{"layer\u017f":[2]}', // Go takes the long s for an s
    '{"a":{"b":[{"\u017fize":1}]}}',
    '{"layers":[1],"layers":[1]}',
    '{"a":1,"a":1}',
    '{"a":{"b":1,"b":2}}',
    '{"layers":[1],"\\u006cayers":[2]}',
    '{"__proto__":1,"__proto__":2}',
    '{"layers":[1]}{"layers":[2]}',
    '\ufeff{"layers":[1]}',
    '{"layers":[1],}',
    '',
  ])('refuses %j', text => {
    expect(parseUnambiguousJson(text, NAMES)).toBeUndefined();
  });

  test.each([
    '{"layers":[1],"size":2}',
    '{"a":"b:c","d":"\\"e\\":","f":"\\\\"}',
    '{"labels":{"Version":"1","version":"2"}}', // base images have such labels, and nobody looks for them
    '[{"a":1},{"a":1}]',
    '{"__proto__":1}',
    '{}',
    '"a:b"',
    'null',
  ])('reads %j', text => {
    expect(parseUnambiguousJson(text, NAMES)).toEqual(JSON.parse(text));
  });

  test('whatever was written by a serialiser is read back as it was', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), undefined, indent);
        expect(parseUnambiguousJson(written, [])).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  test('a document that is nested without end is read or refused, and nothing is thrown', () => {
    const depth = 200_000;
    expect(() => parseUnambiguousJson('['.repeat(depth) + ']'.repeat(depth), NAMES)).not.toThrow();
    expect(() => parseJson('{"a":'.repeat(depth))).not.toThrow();
  });
});
