import * as fc from 'fast-check';
import { denialsOf, engine, modules, NOW } from './support';
import { PreparedRego } from '../../../src/core/rego/prepared';

/** A policy that says what it sees: the engine's reader of JSON against Node's. */
const echo = ((): PreparedRego => {
  const prepared = engine().prepare(
    modules('package p\ndeny contains json.marshal(input)\n'),
    {},
    { schema: {} },
  );
  if (!prepared.ok) throw new Error(prepared.error[0]!.message);
  return prepared.value;
})();
const seen = (json: string): unknown =>
  JSON.parse(denialsOf(echo.decide(Buffer.from(json), { now: NOW }))[0]!);

/** Whole characters: of half a one JavaScript keeps what no other reader does. */
const text = fc.string({ unit: 'binary', maxLength: 60 });
const value = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 40 }),
  ),
})).value;

test('every JSON is seen as Node sees it', () => {
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t'), (any, indent) => {
      const json = JSON.stringify({ any }, undefined, indent);
      expect(seen(json)).toEqual(JSON.parse(json));
    }),
    { numRuns: 500 },
  );
});

test('however its characters are written', () => {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  fc.assert(
    fc.property(text, written => {
      const json = `{"${Array.from({ length: written.length }, (_, at) => escaped(written[at]!)).join('')}":1}`;
      expect(seen(json)).toEqual(JSON.parse(json));
    }),
    { numRuns: 300 },
  );
});

test('of equal keys the last is seen', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'OS2', '\\u0061'), fc.nat()), { maxLength: 60 }),
      pairs => {
        const json = `{${pairs.map(([key, number]) => `"${key}":${number}`).join(',')}}`;
        expect(seen(json)).toEqual(JSON.parse(json));
      },
    ),
    { numRuns: 300 },
  );
});
