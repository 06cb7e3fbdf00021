import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, MINUTES, programs, trivyOnPath } from './dockerfiles';
import { expectSarif } from './sarif-schema';
import { newFolder } from '../init/generated';
import type { Ended } from '../run-cli';

let trivyPath = '';
beforeAll(async () => {
  trivyPath = await trivyOnPath();
}, MINUTES);

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

/** Nothing CRITICAL or HIGH in it. */
const GOOD = `apiVersion: v1
kind: Pod
metadata: {name: good, namespace: team}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
  - name: app
    image: ${REGISTRY}/team/app@${DIGEST}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
`;
const bad = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, image: "x@${DIGEST}", securityContext: {privileged: true}}]}\n`;

function check(folder: string, more: readonly string[] = [], PATH = trivyPath): Promise<Ended> {
  return command(['scan', '--manifests', 'k8s', ...more], folder, PATH);
}

interface Told {
  readonly outcome: string;
  readonly objects: number;
  readonly findings: readonly Record<'rule' | 'level' | 'file' | 'object' | 'message', string>[];
}

async function told(folder: string, more: readonly string[] = [], PATH = trivyPath): Promise<Told> {
  const { code, out, err } = await check(folder, ['--json', '-', ...more], PATH);
  const answer = JSON.parse(out === '' ? err : out) as Told;
  expect({ PASS: 0, FAIL: 1, ERROR: 2 }[answer.outcome]).toBe(code);
  return answer;
}

/** Kinds of files of which Trivy alone says nothing, and ends with 0. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'list.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${bad('list').trim().replaceAll('\n', '\n  ')}\n`,
  'pod-list.yaml': `apiVersion: v1\nkind: PodList\nitems:\n- ${bad('pod-list').split('\n').slice(2).join('\n').trim().replaceAll('\n', '\n  ')}\n`,
  'second.yaml': `${GOOD}--- # another\n${bad('second')}`,
  'UPPER.YAML': bad('upper'),
  'own.yaml': `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: own}\nspec: {template: {${bad('x').split('\n')[3]}}}\n`,
};
/** And those that cannot be read. */
const UNREADABLE: Readonly<Record<string, string>> = {
  'broken.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: b\nspec:\n',
  'second-broken.yaml': `${GOOD}---\napiVersion: v1\nkind: Pod\nspec: ][\n`,
  'template.yaml': GOOD.replace('name: good', 'name: {{ .Values.name }}'),
  'double.yaml': `${GOOD}spec: {containers: []}\n`,
  'no-kind.yaml': 'spec: {}\n',
};

const inK8s = (files: Readonly<Record<string, string>>) =>
  newFolder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`k8s/${name}`, text])));

describe('scan --manifests', () => {
  test(
    'tells people where and how, and passes what nothing refuses',
    async () => {
      const folder = inK8s({ 'good.yaml': GOOD });
      expect(await check(folder)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^PASS {2}the manifests in k8s: 1 object\n/),
      });
      writeFileSync(join(folder, 'k8s/bad.yml'), bad('bad'));
      const { code, out } = await check(folder);
      expect([code, out]).toEqual([
        1,
        expect.stringContaining(
          "bad.yml:4: refused HIGH KSV-0017 in Pod bad: Container 'c' of Pod 'bad' should set 'securityContext.privileged' to false\n    Change",
        ),
      ]);
    },
    MINUTES,
  );

  test(
    'what Trivy alone leaves out is refused, each by its name',
    async () => {
      const folder = inK8s(LEFT_OUT);
      const raw = execFileSync(
        join(trivyPath, 'trivy'),
        ['config', '--quiet', '--skip-check-update', '--format=json', `--cache-dir=${folder}/cache`, 'k8s'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(raw).not.toContain('KSV-0017'); // or this reader is needed no more
      const { outcome, findings } = await told(folder);
      expect(outcome).toBe('FAIL');
      const refused = findings.filter(({ rule, level }) => rule === 'KSV-0017' && level === 'refused');
      expect(refused.map(({ file }) => file).sort()).toEqual(Object.keys(LEFT_OUT).sort());
    },
    MINUTES,
  );

  test(
    'what cannot be read is no PASS, and is named',
    async () => {
      const { outcome, findings } = await told(inK8s({ ...UNREADABLE, 'good.yaml': GOOD }));
      expect(outcome).toBe('ERROR');
      const unclear = findings.filter(({ level }) => level === 'unclear');
      expect(unclear.map(({ file }) => file)).toEqual(Object.keys(UNREADABLE).sort());
    },
    MINUTES,
  );

  test(
    'links, pipes and folders that nobody looks into',
    async () => {
      const folder = inK8s({ '.hidden/a.yaml': bad('hidden'), 'node_modules/b.yaml': bad('module') });
      const elsewhere = newFolder({ 'c.yaml': bad('elsewhere') });
      symlinkSync(join(elsewhere, 'c.yaml'), join(folder, 'k8s/out.yaml'));
      symlinkSync(elsewhere, join(folder, 'k8s/outer'));
      symlinkSync('nowhere', join(folder, 'k8s/dangling.yaml'));
      symlinkSync('.hidden/a.yaml', join(folder, 'k8s/in.yaml'));
      writeFileSync(
        join(folder, 'k8s/no-container.yaml'),
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: {}}}}\n',
      );
      execFileSync('mkfifo', [join(folder, 'k8s/pipe.yaml')]);
      const { findings } = await told(folder);
      const of = (wanted: string) =>
        [...new Set(findings.filter(({ level }) => level === wanted).map(({ file }) => file))].sort();
      expect(of('unclear')).toEqual(['dangling.yaml', 'no-container.yaml', 'out.yaml', 'outer', 'pipe.yaml']);
      expect(of('refused')).toEqual(
        expect.arrayContaining(['.hidden/a.yaml', 'in.yaml', 'node_modules/b.yaml']),
      );
    },
    MINUTES,
  );

  test(
    'a folder without a manifest is no PASS',
    async () => {
      const { outcome, findings } = await told(inK8s({ 'README.md': '# none' }));
      expect([outcome, findings.map(({ rule }) => rule)]).toEqual(['ERROR', ['nothing-found']]);
    },
    MINUTES,
  );

  test(
    'judges by the policy file: severities, waivers for one file, and an audit',
    async () => {
      const folder = inK8s({ 'bad.yaml': bad('bad'), 'other.yaml': bad('other') });
      const policy = (text: string) =>
        writeFileSync(join(folder, 'trusted-images.yaml'), `version: 1\n${text}`);
      const levels = async (rule: string) =>
        (await told(folder, ['--policy', 'trusted-images.yaml'])).findings
          .filter(each => each.rule === rule)
          .map(({ file, level }) => `${file} ${level}`);
      writeFileSync(
        join(folder, 'waivers.yaml'),
        "version: 1\nwaivers:\n  - id: KSV-0017\n    path: bad.yaml\n    repositories: ['**']\n    owner: team@example.com\n    reason: it manages the node, and runs on one node only\n    expires: 2026-03-01\n",
      );
      const waiver = 'waivers: [{file: waivers.yaml}]\n';
      policy(
        `policy:\n  name: k8s\n  rules:\n    - {rule: misconfigurations, severities: [HIGH]}\n${waiver}`,
      );
      expect(await levels('KSV-0017')).toEqual(['bad.yaml waived', 'other.yaml refused']);
      policy('policy:\n  name: k8s\n  rules:\n    - {rule: misconfigurations, severities: [CRITICAL]}\n');
      expect(await levels('KSV-0017')).toEqual([]);
      policy(
        'policy:\n  name: k8s\n  rules:\n    - {rule: misconfigurations, severities: [HIGH], action: warn}\n    - {rule: secrets}\n',
      );
      expect(await levels('KSV-0017')).toEqual(['bad.yaml warned', 'other.yaml warned']);
    },
    MINUTES,
  );

  test(
    'names images that are not enrolled, and writes SARIF with paths from where it runs',
    async () => {
      const folder = inK8s({ 'app/good.yaml': GOOD, 'other.yaml': GOOD.replace('team/app@', 'other/app@') });
      const enrolled = ['--enrolled', `${REGISTRY}/team/`];
      const { code, out } = await check(folder, [...enrolled, '--sarif', 'out.sarif']);
      expect([code, out]).toEqual([
        1,
        expect.stringContaining('other.yaml:8: refused image-not-enrolled in Pod team/good: '),
      ]);
      const sarif = JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8')) as {
        runs: [{ results: object[] }];
      };
      expectSarif(sarif);
      expect(sarif.runs[0].results).toMatchObject([
        {
          ruleId: 'image-not-enrolled',
          locations: [
            { physicalLocation: { artifactLocation: { uri: 'k8s/other.yaml' }, region: { startLine: 8 } } },
          ],
        },
      ]);
    },
    MINUTES,
  );
});

describe('charts and kustomizations', () => {
  const CHART = {
    'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'web/values.yaml': 'a: b\n',
    'web/templates/app.yaml': '{{ broken',
  };
  /** Stands in for Helm 3: it writes what `helm template --output-dir` writes. */
  const helm = (script: string) => `${trivyPath}:/usr/bin:/bin:${programs({ helm: script })}`;
  const WRITES = `for each in "$@"; do case $each in --output-dir=*) out=\${each#*=};; esac; done
[ "$1 $2 $4" = "template release --include-crds" ] || exit 9
mkdir -p "$out/web/templates/sub"; cat > "$out/web/templates/sub/app.yaml" <<'END'
# Source: web/templates/sub/app.yaml
${bad('rendered')}END`;

  test(
    'a chart is what Helm makes of it',
    async () => {
      const { outcome, findings } = await told(inK8s(CHART), [], helm(WRITES));
      expect(outcome).toBe('FAIL');
      expect(findings.find(({ rule }) => rule === 'KSV-0017')).toMatchObject({
        file: 'web/templates/sub/app.yaml',
        line: 1,
        object: 'Pod rendered',
      });
    },
    MINUTES,
  );

  test(
    'a chart without Helm is no PASS',
    async () => {
      const { outcome, findings } = await told(inK8s({ ...CHART, 'good.yaml': GOOD }));
      expect([outcome, findings.map(each => each.message)]).toEqual([
        'ERROR',
        [expect.stringContaining('there is no helm on PATH that renders it')],
      ]);
    },
    MINUTES,
  );

  test(
    'a chart that Helm refuses, of which it makes nothing, or what nobody can read, is no PASS',
    async () => {
      const chart = (name: string) =>
        Object.fromEntries(Object.entries(CHART).map(([file, text]) => [file.replace('web', name), text]));
      const { outcome, findings } = await told(
        inK8s({ ...chart('refused'), ...chart('nothing'), ...chart('unreadable'), 'good.yaml': GOOD }),
        [],
        helm(`case $3 in
*refused) echo "Error: execution error: name is needed" >&2; echo "Use --debug" >&2; exit 1 ;;
*nothing) exit 0 ;;
esac
${WRITES.replace('kind: Pod', 'kind: ][')}`),
      );
      expect(outcome).toBe('ERROR');
      expect(Object.fromEntries(findings.map(({ file, message }) => [file, message]))).toEqual({
        refused: expect.stringContaining('helm ended with 1: Error: execution error: name is needed'),
        nothing: expect.stringContaining('helm writes no manifest of it'),
        'unreadable/templates/sub/app.yaml': expect.stringContaining('not YAML'),
      });
      expect(findings).toHaveLength(3);
    },
    MINUTES,
  );

  const KUSTOMIZED = {
    'base/kustomization.yaml': 'resources: [app.yaml]\n',
    'base/app.yaml': GOOD,
    'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: patch.yaml}]\n',
    'prod/patch.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: good, namespace: team}\nspec: {containers: [{name: app, securityContext: {privileged: true}}]}\n',
    'part/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n',
  };
  const KUBECTL = ['/usr/local/bin/kubectl', '/usr/bin/kubectl'].find(existsSync);
  /** This one needs a real kubectl, which CI need not have; the tests with a stand-in run everywhere. */
  (KUBECTL === undefined ? test.skip : test)(
    'a kustomization is what kubectl makes of it, and its patches are not judged alone',
    async () => {
      const folder = newFolder();
      symlinkSync(KUBECTL!, join(folder, 'kubectl'));
      const { outcome, findings } = await told(inK8s(KUSTOMIZED), [], `${trivyPath}:${folder}`);
      expect([
        outcome,
        findings.filter(({ level }) => level !== 'warned').map(({ rule, file }) => `${rule} ${file}`),
      ]).toEqual(['FAIL', expect.arrayContaining(['KSV-0017 prod/kustomization.yaml'])]);
      expect(new Set(findings.map(({ file }) => file))).toEqual(new Set(['prod/kustomization.yaml']));
    },
    MINUTES,
  );

  test(
    'what neither a chart nor a kustomization reads is said, unless it is no manifest',
    async () => {
      const folder = inK8s({
        ...CHART,
        'web/charts/sub/app.yaml': bad('sub'),
        'web/crds/crd.yaml': bad('crd'),
        'web/beside.yaml': bad('beside'),
        'web/more/templates/app.yaml': bad('more').replace('more', '{{ .Values.name }}'),
        'web/other/kustomization.yaml': 'resources: [app.yaml]\n',
        'web/other/app.yaml': GOOD,
        'base/kustomization.yaml':
          'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [app.yaml, ./more/app.yaml, ../plain/bad.yaml]\n# beside.yaml\n',
        'base/app.yaml': GOOD,
        'base/beside.yaml': bad('beside'),
        'base/more/app.yaml': GOOD,
        'base/more/deep/hidden.yaml': bad('hidden'),
        'base/more/deep/flow.json': '{"items": [{"kind": "Pod", "apiVersion": "v1"}], "kind": "List"}',
        'base/more/settings.yaml': 'a: {kind: b, apiVersion: c}\n',
        'plain/bad.yaml': bad('plain'),
      });
      const { outcome, findings } = await told(folder);
      const of = (rule: string) => findings.filter(each => each.rule === rule).map(({ file }) => file);
      expect(outcome).toBe('FAIL');
      expect(of('not-read')).toEqual([
        'base/beside.yaml',
        'base/more/deep/flow.json',
        'base/more/deep/hidden.yaml',
        'web/beside.yaml',
        'web/more/templates/app.yaml',
      ]);
      expect(of('not-rendered')).toEqual(['base', 'web', 'web/other']);
      expect(of('KSV-0017')).toEqual(['plain/bad.yaml']);
    },
    MINUTES,
  );

  test(
    'only a file is a chart or a kustomization',
    async () => {
      const folder = inK8s({
        'kustomization.yaml/bad.yaml': bad('a'),
        'b/Chart.yaml/bad.yaml': bad('b'),
        'c/bad.yaml': bad('c'),
      });
      symlinkSync('nowhere', join(folder, 'k8s/c/kustomization.yml'));
      const { outcome, findings } = await told(folder);
      const of = (rule: string) => findings.filter(each => each.rule === rule).map(({ file }) => file);
      expect([outcome, of('KSV-0017'), of('not-read')]).toEqual([
        'FAIL',
        ['b/Chart.yaml/bad.yaml', 'c/bad.yaml', 'kustomization.yaml/bad.yaml'],
        ['c/kustomization.yml'],
      ]);
    },
    MINUTES,
  );

  test(
    'without kubectl and kustomize it is no PASS',
    async () => {
      const { outcome, findings } = await told(inK8s(KUSTOMIZED));
      expect([outcome, findings.map(({ rule, file }) => `${rule} ${file}`)]).toEqual([
        'ERROR',
        ['not-rendered base', 'not-rendered prod'],
      ]);
    },
    MINUTES,
  );
});

describe('mistakes', () => {
  test.each([
    [['scan', '--manifests', 'nowhere'], '--manifests is "nowhere", allowed: an existing folder'],
    [
      ['scan', 'image', '--manifests', 'k8s'],
      'scan takes an image, --dockerfile or --manifests, only one of them',
    ],
    [
      ['scan', '--manifests', 'k8s', '--html', 'x'],
      '--html does not go with --manifests, allowed: --enrolled, ',
    ],
    [['scan', 'image', '--enrolled', 'x'], '--enrolled goes with --manifests only'],
    [['scan', 'image', '--target', 'x'], '--target goes with --dockerfile only'],
    [
      ['scan', '--manifests', 'k8s', '--enrolled', 'team/app'],
      '--enrolled is "team/app", allowed: a repository with its registry',
    ],
    [
      ['scan', '--manifests', 'k8s', '--json', '-', '--sarif', '-'],
      'would print two documents into one another',
    ],
    [['scan'], 'scan needs an image, --dockerfile <file> or --manifests <folder>'],
  ])('%j', async (args, message) => {
    const folder = newFolder();
    mkdirSync(join(folder, 'k8s'));
    expect(await command(args, folder)).toEqual({ code: 64, out: '', err: expect.stringContaining(message) });
  });
});
