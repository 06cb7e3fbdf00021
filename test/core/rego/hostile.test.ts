import { decide, denialsOf, engine, modules, NOW, reportWith } from './support';
import { loadRegoEngine, readRegoEngine } from '../../../local/tools/rego-runtime';
import { RegoEngine } from '../../../src/core/rego/engine';
import { PreparedRego } from '../../../src/core/rego/prepared';
import { WasmMachine } from '../../../src/core/wasm/sandbox';
import { NODE_MACHINE } from '../../../src/runtime/node-machine';

const MIB = 1024 * 1024;
const rule = (body: string) => `package p\ndeny contains "x" if {\n  ${body}\n}\n`;
const ENDLESS_JOIN = rule(
  'some x in numbers.range(1, 100000)\n  some y in numbers.range(1, 100000)\n  x * y == -1',
);
const HOARD = rule(
  'a := sprintf("%01000d", [1])\n  b := concat("", [a | some _ in numbers.range(1, 10000)])\n  c := [concat("", [b, sprintf("%d", [x])]) | some x in numbers.range(1, 1000)]\n  count(c) == 1',
);
/** Inside of one multiplication, where OPA does not look at the clock. */
const HUGE_PRODUCT = rule('x := bits.lsh(1, 100000000)\n  x * x == 1');

function prepared(source: string, from: RegoEngine = engine()): PreparedRego {
  const result = from.prepare(modules(source));
  if (!result.ok) throw new Error(result.error.map(({ message }) => message).join('\n'));
  return result.value;
}

test.each([
  ['an endless join', ENDLESS_JOIN],
  [
    'an endless comprehension',
    rule(
      'a := {z | some x in numbers.range(1, 100000)\n    some y in numbers.range(1, 100000)\n    z := x * y}\n  count(a) == 1',
    ),
  ],
  ['a huge range', rule('count(numbers.range(1, 100000000)) == 1')],
  ['a huge network', rule('count(net.cidr_expand("10.0.0.0/4")) == 1')],
  [
    'regular expressions without end',
    rule(
      'some x in numbers.range(1, 10000000)\n  regex.match(`^(a+)+$`, sprintf("%0*d", [2000, x]))\n  x < 0',
    ),
  ],
])('rule 5.6, limits: %s is ended', (_, source) => {
  expect(decide(source, reportWith({}), { seconds: 0.3 })).toMatchObject({
    failure: { cause: expect.stringMatching(/^REGO_(?:TIMED_OUT|OUT_OF_MEMORY)$/) },
  });
});

test('the limit is 10 seconds if none is given, and the machine waits 2 more', () => {
  let now = 0;
  const limits: number[] = [];
  const machine: WasmMachine = {
    elapsed: () => (now += 20), // time passes whenever somebody looks
    within: (milliseconds, work) => {
      limits.push(milliseconds);
      return work();
    },
  };
  const policy = prepared(ENDLESS_JOIN, RegoEngine.load(readRegoEngine(), { machine }));
  const began = now;
  expect(policy.decide(reportWith({}), { now: NOW })).toEqual({
    failure: {
      cause: 'REGO_TIMED_OUT',
      detail: 'the policy did not end within 10 s; make it walk the report fewer times',
    },
  });
  expect(limits.at(-1)).toBe(12_000);
  expect(now - began).toBeGreaterThanOrEqual(10_000);
  expect(now - began).toBeLessThan(11_000);
});

test('the limit is 512 MiB if none is given', () => {
  expect(decide(HOARD, reportWith({}), { seconds: 60 })).toEqual({
    // a busy machine takes longer to hoard
    failure: {
      cause: 'REGO_OUT_OF_MEMORY',
      detail: 'the policy needed more than 512 MiB; make it build smaller documents',
    },
  });
});

test('a report that does not fit is a failure', () => {
  const small = loadRegoEngine(96);
  const report = reportWith({ ArtifactName: 'x'.repeat(90 * MIB) });
  expect(prepared(rule('input.ArtifactName == ""'), small).decide(report, { now: NOW })).toMatchObject({
    failure: { cause: 'REGO_OUT_OF_MEMORY' },
  });
  expect(
    denialsOf(prepared('package p\ndeny contains "x"\n', small).decide(reportWith({}), { now: NOW })),
  ).toEqual(['x']);
});

test('whether a report fits does not depend on those before it', () => {
  const small = prepared('package p\ndeny contains "x"\n', loadRegoEngine(160));
  const report = reportWith({
    Results: Array.from({ length: 30_000 }, (_, at) => ({ Target: `${at} ${'x'.repeat(300)}`, Class: '' })),
  });
  for (let round = 0; round < 6; round++) {
    expect(denialsOf(small.decide(report, { now: NOW }))).toEqual(['x']);
  }
});

test('data that does not fit is a problem', () => {
  const result = loadRegoEngine(96).prepare(modules('package p\ndeny contains "x"\n'), {
    text: 'x'.repeat(90 * MIB),
  });
  expect(result).toEqual({
    ok: false,
    error: [{ code: 'engine_out_of_memory', message: 'the engine needed more memory than it has' }],
  });
});

test('what does not look at the clock is ended by the machine', () => {
  expect(decide(HUGE_PRODUCT, reportWith({}), { seconds: 0.3 })).toMatchObject({
    failure: { cause: 'REGO_TIMED_OUT' },
  });
});

test.each([
  ['a time-out', ENDLESS_JOIN, 0.2],
  ['a trap', HOARD, 10],
  ['an end by the machine', HUGE_PRODUCT, 0.2],
])('after %s the same policies go on', (_, source, seconds) => {
  const good = prepared('package p\ndeny contains "x"\n');
  expect(prepared(source).decide(reportWith({}), { now: NOW, seconds })).toHaveProperty('failure');
  expect(denialsOf(good.decide(reportWith({}), { now: NOW }))).toEqual(['x']);
});

test('deep nesting in a report is no end', () => {
  const nested = (depth: number) => Buffer.from(`{"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  expect(denialsOf(decide('package p\ndeny contains "x"\n', nested(5000)))).toEqual(['x']);
  expect(decide('package p\ndeny contains "x"\n', nested(100_000))).toMatchObject({
    failure: { cause: 'REPORT_INVALID' },
  });
});

test('a limit under which nothing runs is refused', () => {
  expect(() => RegoEngine.load(readRegoEngine(), { memoryMiB: 1, machine: NODE_MACHINE })).toThrow(
    /the program cannot run in 1 MiB, allowed: \d+ or more/,
  );
});

test.each([
  ['nothing', new Uint8Array()],
  ['what is still compressed', Buffer.from('\x1b\x2c')],
])('%s is no engine', (_, bytes) => {
  expect(() => RegoEngine.load(bytes, { machine: NODE_MACHINE })).toThrow(
    'the program is not WebAssembly, allowed: the decompressed bytes of a .wasm file',
  );
});

test('half of an engine is none', () => {
  expect(() => RegoEngine.load(readRegoEngine().subarray(0, 9), { machine: NODE_MACHINE })).toThrow(
    /is incomplete/,
  );
});
