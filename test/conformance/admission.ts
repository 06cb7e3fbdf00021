import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ALL_CASES, CASES, StagedRules, stageImages, type Staged } from './admission-images';
import { ensureProgram } from './programs';
import type { Folders, Outcome, Suite } from './suite';
import { run } from '../../local/tools/command';
import { ensureGoProduct, type GoProduct } from '../../local/tools/go-product';
import { serveRegistry } from '../../local/tools/registry';
import { ADMISSION_TEXTS } from '../../src/core/admission/admission-text';

const KYVERNO = 'go:github.com/kyverno/kyverno';
const CONTROLLER = 'go:github.com/sigstore/policy-controller';

/** Every admission policy of this library, asked of the program that reads it in a cluster or on a host. */
export const admission: Suite = {
  name: 'admission',
  about: 'Admission policies: an image with its own summary is admitted, everything else is refused',
  authority:
    "the programs that read them: Kyverno's command line, policy-controller's tester, and containers/image",
  packages: [KYVERNO, CONTROLLER],
  run: judgeAll,
};

const PARTS: GoProduct = {
  title: 'containers/image and a registry',
  name: 'admission',
  sources: join(__dirname, 'admission'),
  files: ['admission'],
  recipe: {},
  duration: 'about a minute',
  async build(folder, go) {
    const out = join(folder, 'admission');
    await go(['build', '-mod=readonly', '-tags=containers_image_openpgp', '-trimpath', '-o', out, '.'], {
      CGO_ENABLED: '0',
      GOFLAGS: '',
    });
  },
};

/** What the command line writes, by its name there. */
const FILES: Readonly<Record<string, string>> = {
  'image-validating-policy.yaml': 'kyverno',
  'cluster-policy.yaml': 'kyverno-cluster-policy',
  'controller.yaml': 'policy-controller',
  'revoked.yaml': 'revoked',
  'policy.json': 'containers-policy',
  'ours.yaml': 'containers-registries',
};

/** A program, with the policy that it reads. */
interface Judge {
  readonly name: string;
  readonly program: string;
  /** The other cases say nothing about what it decides. */
  readonly cases: readonly string[];
  /** In what it prints when it refuses. Whatever else ends it is no answer. */
  readonly refusal: RegExp;
  args(pod: Staged, folder: string): readonly string[];
}

async function judgeAll(folders: Folders): Promise<Outcome> {
  const parts = join(await ensureGoProduct(PARTS, line => process.stderr.write(`${line}\n`)), 'admission');
  const kyverno = await ensureProgram(KYVERNO, folders(KYVERNO), './cmd/cli/kubectl-kyverno');
  const tester = await ensureProgram(CONTROLLER, folders(CONTROLLER), './cmd/tester');
  const folder = mkdtempSync(join(tmpdir(), 'admission-'));
  const registry = await serveRegistry(parts, host => ['registry', host]);
  try {
    const { rules, images } = await stageImages(registry.host);
    writePolicies(folder, rules, images);
    return await judge(judges({ kyverno, tester, parts }), images, folder);
  } finally {
    registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const KYVERNO_REFUSES = /fail: [1-9]\d*, warn: 0, error: 0/;

function judges({ kyverno, tester, parts }: Record<'kyverno' | 'tester' | 'parts', string>): Judge[] {
  const kyvernoReads =
    (policy: string, more: readonly string[] = []) =>
    (_: Staged, folder: string) => [
      ...['apply', join(folder, policy), '--resource', join(folder, 'pod.yaml'), '--detailed-results'],
      ...more,
    ];
  return [
    {
      name: 'Kyverno, ImageValidatingPolicy',
      program: kyverno,
      cases: CASES.inPods,
      refusal: KYVERNO_REFUSES,
      args: kyvernoReads('image-validating-policy.yaml', ['--registry']),
    },
    {
      name: 'Kyverno, ClusterPolicy',
      program: kyverno,
      cases: CASES.inPods,
      refusal: KYVERNO_REFUSES,
      args: kyvernoReads('cluster-policy.yaml', ['--registry']),
    },
    {
      name: 'ValidatingAdmissionPolicy of revoked digests',
      program: kyverno,
      cases: CASES.ofTheDenyList,
      refusal: KYVERNO_REFUSES,
      args: kyvernoReads('revoked.yaml'),
    },
    {
      name: 'policy-controller',
      program: tester,
      cases: CASES.ofOneImage,
      refusal: /no matching attestations|policy is not compliant/,
      args: ({ images }, folder) => [
        ...['-policy', join(folder, 'controller.yaml'), '-image', images[0]!, '-log-level', 'error'],
      ],
    },
    {
      name: 'containers/image, as in Podman',
      program: parts,
      cases: [...CASES.ofOneImage, 'its own summary, revoked'],
      refusal: /signature|rejected by policy/i,
      args: ({ images }, folder) => ['allowed', join(folder, 'policy.json'), folder, images[0]!],
    },
  ];
}

async function judge(
  all: readonly Judge[],
  images: Readonly<Record<string, Staged>>,
  folder: string,
): Promise<Outcome> {
  const disagreements = [];
  for (const { name, program, cases, refusal, args } of all) {
    for (const each of cases) {
      const pod = images[each]!;
      writeFileSync(join(folder, 'pod.yaml'), stringify(podOf(pod)));
      const said = await run(program, args(pod, folder), { environment: environment(folder) });
      const text = `${said.stdout} ${said.stderr}`.replace(/\s+/g, ' ').trim();
      const answered = said.code === 0 ? 'admitted' : refusal.test(text) ? 'refused' : 'no answer';
      if (answered === (ALL_CASES[each]!.admitted === true ? 'admitted' : 'refused')) continue;
      disagreements.push({ name: `${name}: ${each}`, said: `${answered}, with ${said.code}: ${text}` });
    }
  }
  return { cases: all.reduce((count, { cases }) => count + cases.length, 0), disagreements };
}

/** Nobody may be asked but the registry. */
function environment(home: string): Record<string, string> {
  const nowhere = 'http://127.0.0.1:9';
  return {
    HOME: home,
    PATH: process.env.PATH!,
    HTTPS_PROXY: nowhere,
    HTTP_PROXY: nowhere,
    NO_PROXY: '127.0.0.1',
  };
}

function writePolicies(folder: string, rules: StagedRules, images: Readonly<Record<string, Staged>>): void {
  const all = { ...rules, revoked: [images['its own summary, revoked']!.images[0]!] };
  for (const [file, program] of Object.entries(FILES)) {
    writeFileSync(join(folder, file), ADMISSION_TEXTS[program]!(all));
  }
}

function podOf({ images: [first, ...others], isInit = false }: Staged): object {
  const containers = [first, ...(isInit ? [] : others)].map((image, at) => ({ name: `c${at}`, image }));
  const initContainers = isInit ? others.map((image, at) => ({ name: `i${at}`, image })) : undefined;
  const spec = { containers, ...(initContainers !== undefined && { initContainers }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace: 'default' }, spec };
}
