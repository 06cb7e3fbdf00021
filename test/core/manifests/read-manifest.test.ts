import { filesForTrivy } from '../../../src/core/manifests/for-trivy';
import { judgeImages } from '../../../src/core/manifests/judge-images';
import { readManifest } from '../../../src/core/manifests/read-manifest';
import { readTrivyFindings } from '../../../src/core/manifests/trivy-findings';

const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: team}\nspec: {containers: [{name: c, image: x}]}\n';
const read = (text: string | Uint8Array) =>
  readManifest('app.yaml', typeof text === 'string' ? new TextEncoder().encode(text) : text);
const names = (text: string) => read(text).objects.map(({ name }) => name);
const problems = (text: string | Uint8Array) =>
  read(text).problems.map(({ line, message }) => `${line}: ${message}`);

describe('every object that kubectl would send is read', () => {
  test.each<[string, string, string[]]>([
    ['one', POD, ['Pod team/a']],
    ['several documents', `${POD}---\n${POD}`, ['Pod team/a', 'Pod team/a']],
    [
      'separators with comments and spaces',
      `---\n${POD}--- # b\n${POD}---  \n${POD}...\n`,
      ['Pod team/a', 'Pod team/a', 'Pod team/a'],
    ],
    [
      'lines that end as on Windows',
      `${POD}---\n${POD}`.replaceAll('\n', '\r\n'),
      ['Pod team/a', 'Pod team/a'],
    ],
    ['a byte order mark', `\ufeff${POD}`, ['Pod team/a']],
    ['JSON', '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}', ['Pod a']],
    [
      'a List, in a List',
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]}\n',
      ['Pod a'],
    ],
    [
      'a PodList, whose items leave out their kind',
      'apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]\n',
      ['Pod a'],
    ],
    [
      'objects in one that is not named a list',
      'apiVersion: v1\nkind: ConfigMap\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]\n',
      ['Pod a'],
    ],
    [
      'objects in a pod, in a List',
      'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]}]\n',
      ['Pod a'],
    ],
    [
      'anchors and merged keys',
      'apiVersion: v1\nkind: Pod\nmetadata: &m {name: a}\nx: {<<: *m, name: b}\ny: {b: 1, "<<": !!str c}\n',
      ['Pod a'],
    ],
    ['nothing', '---\n# nothing\n---\n', []],
  ])('%s', (_, text, expected) => {
    expect([names(text), problems(text)]).toEqual([expected, []]);
  });

  test('a value is read as kubectl reads it: YAML 1.1', () => {
    const [object] = read('apiVersion: v1\nkind: Pod\nspec: {hostNetwork: yes, containers: []}\n').objects;
    expect(object!.value.spec).toEqual({ hostNetwork: true, containers: [] });
  });
});

describe('what can be read in two ways, or not at all, is said', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['broken YAML', 'a: [\n', '2: not YAML: '],
    ['one broken document of two', `${POD}---\nspec: ][\n`, '6: not YAML: '],
    ['a key twice', `${POD}spec: {}\n`, '5: not YAML: Map keys must be unique'],
    [
      'a template in the place of a name',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n',
      'a key is a map or a list, which kubectl refuses',
    ],
    ['a template line', 'apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\n', 'not YAML: '],
    ['a tag of somebody', 'apiVersion: v1\nkind: !mine Pod\n', '2: not YAML: Unresolved tag: !mine'],
    ['a document that begins for kubectl only', `x: y\n---#x: |\n  ${POD}`, '2: kubectl begins a line or a'],
    [
      'a text that kubectl drops with the line of its separator',
      `x: y\n--- {apiVersion: v1, kind: ConfigMap, data: {a: "\n${POD}# "}}\n`,
      '2: kubectl begins a line or a document at a line that begins with -',
    ],
    ['a directive', `${POD}...\n%YAML 1.2\n---\n${POD}`, '6: kubectl begins a line or a document at a line'],
    ...['\r', '\u0085', '\u2028', '\u2029', '\ufeff'].map((end): [string, string, string] => [
      `a comment that ends for kubectl only: ${JSON.stringify(end)}`,
      `${POD}# a${end}x: y\n`,
      '5: kubectl begins a line or a document at the character U+',
    ]),
    [
      'a key that is merged over another',
      `x: {privileged: false, <<: {privileged: true}}\n`,
      '1: the merge key << stands after another key',
    ],
    ...['!!binary aGk=', '!!omap [a: b]', '!!set {a}', '!!timestamp 2001-01-01', '! a'].map(
      (value): [string, string, string] => [
        `a tag: ${value}`,
        `${POD}x: ${value}\n`,
        ' is not read alike by all, allowed: !!str, ',
      ],
    ),
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0x00]), '1: it is not UTF-8'],
    [
      'aliases that grow',
      `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [${'*a, '.repeat(20)}]\nc: &c [${'*b, '.repeat(20)}]\nd: [${'*c, '.repeat(20)}]\n`,
      'not YAML: Excessive alias count',
    ],
    [
      'no kind',
      'apiVersion: v1\nspec: {}\n',
      '1: it is not an object of Kubernetes: apiVersion or kind is missing',
    ],
    [
      'a file that is too large',
      new Uint8Array(9 * 1024 * 1024).fill(0x20),
      '1: it has 9437184 bytes, allowed: 8388608',
    ],
    [
      'an item without a kind, in what is not named a list',
      'apiVersion: v1\nkind: Pod\nitems: [{metadata: {name: a}}]\n',
      '3: it is not an object of Kubernetes',
    ],
    [
      'an item of a list that is no object',
      'apiVersion: v1\nkind: List\nitems:\n- text\n',
      '4: it is not an object of Kubernetes',
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
    expect(read(text).problems.every(({ level }) => level === 'unclear')).toBe(true);
  });

  test('one broken document hides no other', () => {
    expect(names(`${POD}---\nspec: ][\n`)).toEqual(['Pod team/a']);
  });
});

describe('what Trivy gets', () => {
  const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r}
spec:
  template:
    metadata: {labels: {app: r}}
    spec:
      # trivy:ignore:KSV-0017
      containers:
      - name: c
        image: x
        securityContext:
          privileged: yes
`;
  const files = filesForTrivy(read(`${POD}---\n${ROLLOUT}`).objects);

  test('each object is a file, and a pod in a resource of somebody is a Pod too', () => {
    expect(files.map(({ name, object, text }) => [name, object.name, /kind: \w+/.exec(text)![0]])).toEqual([
      ['1.yaml', 'Pod team/a', 'kind: Pod'],
      ['2.yaml', 'Rollout r', 'kind: Rollout'],
      ['3.yaml', 'Rollout r', 'kind: Pod'],
    ]);
    expect(files.map(({ text }) => text).join('')).not.toContain('ignore');
    expect(files[2]!.text).toContain('privileged: true');
  });

  test('a line of its report is a line of the file that a person wrote', () => {
    const at = (file: number, text: string) =>
      files[file]!.lineOf(files[file]!.text.split('\n').findIndex(line => line.includes(text)) + 1);
    const lines = `${POD}---\n${ROLLOUT}`.split('\n');
    const expected = lines.findIndex(line => line.includes('privileged')) + 1;
    expect([at(1, 'privileged'), at(2, 'privileged'), at(0, 'image')]).toEqual([expected, expected, 4]);
    expect([files[1]!.lineOf(undefined), files[1]!.lineOf(999)]).toEqual([6, 6]);
  });

  const result = (Target: string, Successes = 1, more: object = {}) => ({
    Target,
    Class: 'config',
    Type: 'kubernetes',
    MisconfSummary: { Successes, Failures: 0 },
    ...more,
  });
  const report = (...Results: object[]) => JSON.stringify({ SchemaVersion: 2, Results });
  test.each<[string, string, string]>([
    ['no report', '', 'another form'],
    ['an empty report', report(), 'it did not look at Pod team/a in app.yaml'],
    [
      'a file that it left out',
      report(result('1.yaml'), result('3.yaml')),
      'it did not look at Rollout r in app.yaml',
    ],
    [
      'a file of another type',
      report(result('1.yaml', 1, { Type: 'yaml' })),
      'it did not look at Pod team/a',
    ],
    ['a file without a check', report(result('1.yaml', 0)), 'it did not look at Pod team/a'],
    ['a file twice', report(result('1.yaml'), result('1.yaml')), 'a file twice'],
    [
      'a failure that it does not name',
      report(result('1.yaml', 1, { MisconfSummary: { Successes: 1, Failures: 1 } })),
      'it left out findings in app.yaml',
    ],
  ])('%s is no answer', (_, json, why) => {
    expect(readTrivyFindings(json, files)).toEqual({ ok: false, error: expect.stringContaining(why) });
  });

  test('a whole report is one', () => {
    expect(readTrivyFindings(report(result('1.yaml'), result('2.yaml'), result('3.yaml')), files)).toEqual({
      ok: true,
      value: [],
    });
  });
});

describe('images', () => {
  const ENROLLED = ['111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/'];
  const DIGEST = `sha256:${'a'.repeat(64)}`;
  const said = (image: string, enrolled?: readonly string[]) =>
    read(`apiVersion: v1\nkind: Pod\nspec:\n  initContainers: [{name: c, image: ${JSON.stringify(image)}}]\n`)
      .objects.flatMap(object => judgeImages(object, enrolled))
      .map(({ level, rule, line }) => `${line} ${level} ${rule}`);

  test.each<[string, readonly string[] | undefined, string[]]>([
    [`${ENROLLED[0]}app@${DIGEST}`, ENROLLED, []],
    [`${ENROLLED[0]}app:v1@${DIGEST}`, ENROLLED, []],
    [`${ENROLLED[0]}app:v1`, ENROLLED, ['4 refused image-by-tag']],
    ['nginx', ENROLLED, ['4 refused image-by-tag']],
    ['nginx', undefined, ['4 warned image-by-tag']],
    [`nginx@${DIGEST}`, ENROLLED, ['4 refused image-not-enrolled']],
    [`nginx@${DIGEST}`, undefined, []],
    [
      `111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.io/team/app@${DIGEST}`,
      ENROLLED,
      ['4 refused image-not-enrolled'],
    ],
    [
      `111122223333.dkr.ecr.eu-west-1.amazonaws.com/team-b/app@${DIGEST}`,
      ENROLLED,
      ['4 refused image-not-enrolled'],
    ],
    [`${ENROLLED[0]}app@${DIGEST}`, [`${ENROLLED[0]}app`], []],
    [`${ENROLLED[0]}apple@${DIGEST}`, [`${ENROLLED[0]}app`], ['4 refused image-not-enrolled']],
    ['{{ .Values.image }}', undefined, ['4 unclear image-unreadable']],
  ])('%s with %j: %j', (image, enrolled, expected) => {
    expect(said(image, enrolled)).toEqual(expected);
  });

  test('a volume can be an image too', () => {
    const pod =
      'apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: c, image: x}]\n  volumes:\n  - {name: v, image: {reference: img}}\n';
    expect(
      read(pod)
        .objects.flatMap(object => judgeImages(object, undefined))
        .map(({ line }) => line),
    ).toEqual([4, 6]);
  });

  const own = (spec: string) => `apiVersion: example.com/v1\nkind: Own\nspec:\n  ${spec}\n`;
  test.each<[string, string, string[]]>([
    ['an Argo Workflow', own('templates: [{container: {image: a}},\n    {script: {image: b}}]'), ['4', '5']],
    ['a step of Tekton', own('steps: [{name: s, image: a}]'), ['4']],
    ['an image alone', own('image: a'), ['4']],
    [
      'an image beside containers, each once',
      own('template: {containers: [{image: a}]}\n  server: {image: b}'),
      ['4', '5'],
    ],
    ['an image that is no text', own('image: {repository: a}'), []],
    ['a text that is in a Pod', `${POD}x: {image: a}\n`, ['4']],
  ])('images of what Trivy does not know: %s', (_, text, lines) => {
    expect(
      read(text)
        .objects.flatMap(object => judgeImages(object, ENROLLED))
        .map(({ line, level }) => `${line} ${level}`),
    ).toEqual(lines.map(line => `${line} refused`));
  });
});
