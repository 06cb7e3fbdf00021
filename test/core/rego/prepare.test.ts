import { decide, denialsOf, engine, modules, NOW, problemsOf, reportWith } from './support';
import { REMOVED_FUNCTIONS, REPORT_SCHEMA } from '../../../src/core/rego/policy-input';

const V0 = 'package p\ndeny[msg] { input.ArtifactName == "app"; msg := "v0" }\n';
const V1 =
  'package p\ndeny contains msg if {\n  some name in ["app"]\n  input.ArtifactName == name\n  msg := "v1"\n}\n';
const DENY = 'deny contains "x" if input.ArtifactName == ""\n';

test.each([
  ['v0', V0],
  ['v1', V1],
] as const)('%s is read without being named', (version, source) => {
  expect(denialsOf(decide(source))).toEqual([version]);
  expect(denialsOf(decide(modules(source, version)))).toEqual([version]);
});

test.each([
  ['v1', V0],
  ['v0', V1],
] as const)('a version that is named is the only one that is tried: %s', (version, source) => {
  expect(problemsOf(modules(source, version))[0]).toMatch(/^policy\.rego:\d+:\d+: rego_parse_error: /);
});

test('modules of both versions work together', () => {
  const helper = { name: 'lib.rego', source: 'package lib\nis_app { input.ArtifactName == "app" }\n' };
  expect(
    denialsOf(
      decide([
        helper,
        { name: 'policy.rego', source: 'package p\ndeny contains "app" if data.lib.is_app\n' },
      ]),
    ),
  ).toEqual(['app']);
});

test.each([
  [
    'an end that is missing',
    'package p\ndeny[msg] {\n  msg := sprintf("x %s", [input.x\n}\n',
    /^policy\.rego:4:1: rego_parse_error: /,
  ],
  [
    'a function that does not exist',
    'package p\ndeny[msg] { msg := sprntf("x", []) }\n',
    'policy.rego:2:20: rego_type_error: undefined function sprntf',
  ],
  [
    'a variable that nothing binds',
    'package p\ndeny contains m if {\n  input.ArtifactName == y\n  m := "a"\n}\n',
    'policy.rego:3:3: rego_unsafe_var_error: var y is unsafe',
  ],
  [
    'types that never match',
    'package p\ndeny contains "x" if input.SchemaVersion == "2"\n',
    /^policy\.rego:2:22: rego_type_error: match error/,
  ],
  ['a rule that calls itself', `package p\n${DENY}a if a\n`, /^policy\.rego:3:1: rego_recursion_error: /],
  ['no package', 'deny[msg] { msg := "x" }\n', /^policy\.rego:1:1: rego_parse_error: /],
  ['nothing', '', /^policy\.rego:1:1: rego_parse_error: empty module/],
])('%s is refused by file, row and column', (_, source, problem) => {
  expect(problemsOf(source)).toEqual([
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  ]);
});

test('the problems of all modules are told', () => {
  const problems = problemsOf([
    { name: 'a.rego', source: 'package a\n}' },
    { name: 'b.rego', source: 'package b\n}' },
  ]);
  expect(problems.map(problem => problem.split(':')[0])).toEqual(['a.rego', 'b.rego']);
});

describe('a field that the report does not have', () => {
  test('is refused, since the rule would never speak', () => {
    const [problem] = problemsOf(
      'package p\ndeny[msg] { msg := input.Results[_].Vulnerabilties[_].VulnerabilityID }\n',
    );
    expect(problem).toMatch(/^policy\.rego:2:20: rego_type_error: undefined ref: /);
    expect(problem).toContain('want (one of): ["Class"');
    expect(problem).toContain('"Vulnerabilities"');
  });

  test('is refused where we drop it: what Trivy writes is not what we keep', () => {
    expect(
      problemsOf('package p\ndeny[msg] { msg := input.Metadata.ImageConfig.config.Env[_] }\n')[0],
    ).toContain('undefined ref: input.Metadata.ImageConfig.config.Env');
  });

  test('is allowed by a schema that allows it', () => {
    expect(
      engine().prepare(modules('package p\ndeny[msg] { msg := input.anything }\n'), {}, { schema: {} }).ok,
    ).toBe(true);
  });

  test('the schema has the operating system beside what the report has', () => {
    expect(Object.keys((REPORT_SCHEMA as { properties: object }).properties)).toEqual(
      expect.arrayContaining(['OS', 'Results', 'Metadata']),
    );
  });
});

test.each(REMOVED_FUNCTIONS)('%s does not exist', name => {
  expect(problemsOf(`package p\ndeny[msg] { msg := ${name}("x") }\n`)).toEqual([
    `policy.rego:2:20: rego_type_error: undefined function ${name}`,
  ]);
});

test('what a policy can draw or read from a clock is the same every time', () => {
  const source =
    'package p\ndeny contains sprintf("%d %s %d", [rand.intn("x", 1000000), uuid.rfc4122("x"), time.now_ns() / 1000000])\n';
  const [first] = denialsOf(decide(source));
  expect(denialsOf(decide(source))).toEqual([first]);
  expect(first).toMatch(new RegExp(` ${NOW.getTime()}$`));
});

describe('the rules that decide', () => {
  test.each([
    ['only warn', 'warn contains "x"'],
    ['allow', 'default allow := false\nallow if input.ArtifactName == "app"'],
    ['nothing', 'x := 1'],
  ])('a policy with %s is refused: it passes everything', (_, rule) => {
    expect(problemsOf(`package p\n${rule}\n`)).toEqual([
      expect.stringContaining(
        'no deny or violation rule in any package: a policy without one passes everything',
      ),
    ]);
  });

  test('deny and violation refuse, warn warns, in every package', () => {
    const decision = decide([
      { name: 'a.rego', source: 'package a.b\ndeny contains "1"\nwarn contains "2"\n' },
      { name: 'b.rego', source: 'package b["with-dash"]\nviolation contains "3"\n' },
    ]);
    expect(decision).toEqual({
      denials: [
        { rule: 'data.a.b.deny', message: '1' },
        { rule: 'data.b["with-dash"].violation', message: '3' },
      ],
      warnings: [{ rule: 'data.a.b.warn', message: '2' }],
      omitted: { denials: 0, warnings: 0 },
      prints: [],
    });
  });

  test.each([
    ['is a function', 'deny(x) := x', /deny is a function, which is never called/],
    ['has parts', 'deny.high contains "x"', /the parts of deny are not evaluated/],
    [
      'has a name that other tools ask for',
      `${DENY}deny_secrets contains "x"`,
      /deny_secrets is not evaluated, allowed: deny, violation and warn/,
    ],
    [
      'has a name that other tools ask for, to warn',
      `${DENY}warn_secrets contains "x"`,
      /warn_secrets is not evaluated/,
    ],
  ])('one that %s is refused by its place', (_, rule, problem) => {
    const problems = problemsOf(`package p\n${rule}\n`);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0]).toMatch(/^policy\.rego:\d:1: policy_rule_error: /);
  });

  test('a helper may be called almost like one', () => {
    expect(denialsOf(decide(`package p\n${DENY}deny_list := ["x"]\ndenylist contains "x"\n`))).toEqual([]);
  });
});

describe('modules and data', () => {
  test('no module is refused', () => {
    expect(problemsOf([])).toEqual(['policy_empty: no module was given, allowed: one or more']);
  });

  test('two modules of one name are refused: one of them would be lost', () => {
    expect(problemsOf([...modules(V0), ...modules(V1)])).toEqual([
      'policy_name_error: two modules are called "policy.rego", allowed: names that differ',
    ]);
  });

  test('data is what policies see beside the report', () => {
    const source =
      'package p\ndeny contains v.VulnerabilityID if {\n  some v in input.Results[_].Vulnerabilities\n  not v.VulnerabilityID in data.accepted\n}\n';
    const report = reportWith({
      Results: [
        {
          Target: '',
          Class: '',
          Vulnerabilities: [{ VulnerabilityID: 'CVE-1' }, { VulnerabilityID: 'CVE-2' }],
        },
      ],
    });
    expect(denialsOf(decide(source, report, { data: { accepted: ['CVE-1'] } }))).toEqual(['CVE-2']);
  });

  test.each([
    [[1], 'an array'],
    [null, 'null'],
    ['x', 'a string'],
    [1, 'a number'],
  ])('data that is %j is refused', (data, kind) => {
    expect(problemsOf(V0, data)).toEqual([`policy_data_error: data is ${kind}, allowed: an object`]);
  });

  test('data cannot take the place of a rule', () => {
    expect(problemsOf(V0, { p: { deny: [] } })[0]).toMatch(
      /rego_compile_error: conflicting rule for data path p\/deny found/,
    );
    expect(denialsOf(decide(V0, reportWith({}), { data: { p: [] } }))).toEqual(['v0']);
  });
});
