import { decide, denialsOf, engine, modules, NOW, reportWith } from './support';
import { MAX_MESSAGES } from '../../../src/core/rego/prepared';

const failureOf = (...question: Parameters<typeof decide>) => {
  const decision = decide(...question);
  return 'failure' in decision ? decision.failure : decision;
};

test('a message is a string, or an object with what is known beside it', () => {
  const source = `package p
deny contains "text"
deny contains {"msg": "object", "id": "CVE-1", "severity": "HIGH", "remedy": "upgrade", "details": {"more": 1}}
warn contains {"msg": ""}
`;
  expect(decide(source)).toEqual({
    denials: [
      { rule: 'data.p.deny', message: 'text' },
      { rule: 'data.p.deny', message: 'object', id: 'CVE-1', severity: 'HIGH', remedy: 'upgrade' },
    ],
    warnings: [{ rule: 'data.p.warn', message: '' }],
    omitted: { denials: 0, warnings: 0 },
    prints: [],
  });
});

test.each([
  ['a set', 'deny contains "x"'],
  ['an array', 'deny := ["x"]'],
  ['an object', 'deny["CVE-1"] := "x"'],
  ['an object of many', 'deny[id] := "x" if some id in ["CVE-1"]'],
])('messages come in %s', (_, rule) => {
  expect(denialsOf(decide(`package p\n${rule}\n`))).toEqual(['x']);
});

test.each([
  'deny := []',
  'deny := {}',
  'deny := set()',
  'deny contains "x" if input.ArtifactName == "other"',
])('%s says nothing', rule => {
  expect(denialsOf(decide(`package p\n${rule}\n`))).toEqual([]);
});

describe('what is neither yes nor no is a failure, never a pass', () => {
  const collection =
    'allowed: a set, an array or an object of strings or of objects with `msg`; write `contains`';
  const element = 'allowed: a string, or an object with `msg`';

  test.each([
    ['true', 'deny := true', `data.p.deny is true, ${collection}`],
    ['false', 'deny := false', `data.p.deny is false, ${collection}`],
    [
      'a boolean as v0 has it',
      'default deny = false\ndeny = true { input.ArtifactName == "app" }',
      `data.p.deny is true, ${collection}`,
    ],
    ['null', 'deny := null', `data.p.deny is null, ${collection}`],
    ['a string', 'deny := "x"', `data.p.deny is "x", ${collection}`],
    ['a number', 'deny := 0', `data.p.deny is 0, ${collection}`],
    [
      'a single message',
      'deny := {"msg": "x", "severity": "HIGH"}',
      `data.p.deny is a single message, ${collection}`,
    ],
    ['of numbers', 'deny contains 1', `an element of data.p.deny is 1, ${element}`],
    ['of booleans', 'deny contains true', `an element of data.p.deny is true, ${element}`],
    ['of lists', 'deny contains ["x"]', `an element of data.p.deny is ["x"], ${element}`],
    [
      'of objects without a message',
      'deny contains {"message": "x"}',
      '`msg` of an element of data.p.deny is undefined, allowed: a string; the element is {"message":"x"}',
    ],
    [
      'of objects with a strange message',
      'deny contains {"msg": 1}',
      '`msg` of an element of data.p.deny is 1, allowed: a string; the element is {"msg":1}',
    ],
    [
      'of an unknown severity',
      'deny contains {"msg": "x", "severity": "high"}',
      '`severity` of an element of data.p.deny is "high", allowed: CRITICAL, HIGH, MEDIUM, LOW, UNKNOWN',
    ],
    [
      'of a strange id',
      'deny contains {"msg": "x", "id": 1}',
      '`id` of an element of data.p.deny is 1, allowed: a string',
    ],
    [
      'of a strange remedy',
      'deny contains {"msg": "x", "remedy": ["y"]}',
      '`remedy` of an element of data.p.deny is ["y"], allowed: a string',
    ],
  ])('%s', (_, rule, detail) => {
    expect(failureOf(`package p\n${rule}\n`)).toEqual({ cause: 'REGO_VALUE_INVALID', detail });
  });

  test('a warning of a wrong kind too', () => {
    expect(failureOf('package p\ndeny contains "x"\nwarn := true\n')).toMatchObject({
      cause: 'REGO_VALUE_INVALID',
      detail: expect.stringContaining('data.p.warn is true'),
    });
  });

  test.each(['deny := ["x"] if input.ArtifactName == "other"', 'deny { input.ArtifactName == "other" }'])(
    'undefined: %s',
    rule => {
      expect(failureOf(`package p\n${rule}\n`)).toEqual({
        cause: 'REGO_UNDEFINED',
        detail:
          'data.p.deny is undefined for this report, so it neither refuses nor passes; write `contains`, or give it a default',
      });
    },
  );

  test('an error inside of a function', () => {
    expect(failureOf('package p\ndeny contains "x" if to_number(input.ArtifactName) > 1\n')).toEqual({
      cause: 'REGO_ERROR',
      detail:
        'policy.rego:2:22: eval_builtin_error: to_number: strconv.ParseFloat: parsing "app": invalid syntax',
    });
  });

  test('two values of one rule', () => {
    expect(failureOf('package p\ndeny := [x] if some x in ["a", "b"]\n')).toEqual({
      cause: 'REGO_ERROR',
      detail: expect.stringMatching(
        /^policy\.rego:2:1: eval_conflict_error: rule data\.p\.deny produced conflicting values/,
      ),
    });
  });

  test.each([
    ['', /EOF|JSON/i],
    ['{', /unexpected/],
    ['[]', /array, allowed: object/],
    ['null', /null, allowed: object/],
    ['"x"', /string, allowed: object/],
    ['{"a":"\ud800', /unexpected/],
  ])('a report that is %j', (text, detail) => {
    expect(failureOf('package p\ndeny contains "x"\n', Buffer.from(text))).toEqual({
      cause: 'REPORT_INVALID',
      detail: expect.stringMatching(detail),
    });
  });

  test('messages that are too long together', () => {
    const source =
      'package p\ndeny contains sprintf("%d %01000000d", [i, i]) if some i in numbers.range(1, 40)\n';
    expect(failureOf(source)).toEqual({
      cause: 'REGO_TOO_LARGE',
      detail: 'answer_too_large: the decisions are larger than 32 MiB',
    });
  });
});

test('of more messages than anybody reads the first are listed, and the image is refused all the same', () => {
  const decision = decide(`package p
deny contains sprintf("%d", [i]) if some i in numbers.range(1, ${MAX_MESSAGES + 1})
warn contains sprintf("%d", [i]) if some i in numbers.range(1, ${MAX_MESSAGES})
`);
  expect(denialsOf(decision)).toHaveLength(MAX_MESSAGES);
  expect(decision).toMatchObject({ omitted: { denials: 1, warnings: 0 } });
});

test('prints are kept for whoever writes the policy, up to a limit', () => {
  const decision = decide(
    'package p\ndeny contains "x" if {\n  some i in numbers.range(1, 300)\n  print("saw", i)\n}\n',
  );
  if ('failure' in decision) throw new Error(decision.failure.detail);
  expect(decision.prints).toHaveLength(200);
  expect(decision.prints[0]).toBe('policy.rego:4: saw 1');
});

test('several policies of one engine keep apart', () => {
  const [one, two] = ['one', 'two'].map(name =>
    engine().prepare(modules(`package p\ndeny contains "${name}"\n`)),
  );
  if (!one!.ok || !two!.ok) throw new Error('a policy of this test does not compile');
  const ask = [one!.value, two!.value, one!.value].map(policy =>
    denialsOf(policy.decide(reportWith({}), { now: NOW })),
  );
  expect(ask).toEqual([['one'], ['two'], ['one']]);
});
