import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { AdmissionRules } from '../../src/core/admission/admission-rules';
import { containersPolicy, containersRegistries } from '../../src/core/admission/containers';
import { clusterPolicy, imageValidatingPolicy } from '../../src/core/admission/kyverno';
import { clusterImagePolicies } from '../../src/core/admission/policy-controller';
import { classicAttestations } from '../../src/core/signing/attestation';
import { bundleReferrer, bundleText } from '../../src/core/signing/bundle';
import { classicSignature } from '../../src/core/signing/classic-signature';
import { envelope, PayloadType, preAuthEncoding } from '../../src/core/signing/dsse';
import type { Artefact } from '../../src/core/signing/oci-artefact';
import { STATEMENT_V1 } from '../../src/core/signing/statement';
import { EXPIRES_ON, VERIFICATION_SUMMARY } from '../../src/core/signing/verification-summary';
import { digestOf } from '../../src/core/text/sha256';
import { run } from '../tools/command';

/**
 * Asks the programs of the authors about every replay:
 *
 *     npx tsx local/admission/try-policies.ts REGISTRY POLICY_TESTER KYVERNO CONTAINERS
 *
 * REGISTRY serves an empty registry with referrers on 127.0.0.1:5055, as go-containerregistry's does.
 * CONTAINERS is given policy.json, the folder registries.d and an image, and ends with 0 if containers/image
 * allows it. `-` leaves one out.
 */
const HOST = '127.0.0.1:5055';
const REPOSITORY = `${HOST}/team/app`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const POLICY = 'c'.repeat(64);
const DAY = 86_400_000;

const [ours, stranger] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' })) as [Pair, Pair];
interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const RULES: AdmissionRules = {
  name: 'trusted-images',
  repositories: [REPOSITORY],
  keys: [{ pem: ours.publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
  policies: [POLICY],
};

interface Case {
  readonly key?: Pair;
  readonly repository?: string;
  readonly result?: string;
  readonly expires?: number;
  readonly policy?: string;
  readonly digest?: string;
  readonly none?: true;
}
const CASES: Readonly<Record<string, Case>> = {
  'its own summary': {},
  'no summary': { none: true },
  'a summary by another key': { key: stranger },
  'a summary of another digest': { digest: 'f'.repeat(64) },
  'a summary of another repository': { repository: `${HOST}/team/other` },
  'a summary of another policy': { policy: 'd'.repeat(64) },
  'a summary that has expired': { expires: -DAY },
  'a summary that does not say PASSED': { result: 'FAILED' },
};

async function put(path: string, body: string, type: string): Promise<void> {
  const response = await fetch(`http://${HOST}/v2/team/app/${path}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': type },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

async function putBlob(text: string): Promise<void> {
  const start = await fetch(`http://${HOST}/v2/team/app/blobs/uploads/`, { method: 'POST' });
  const location = new URL(start.headers.get('location')!, `http://${HOST}`);
  location.searchParams.set('digest', digestOf(text));
  const response = await fetch(location, { method: 'PUT', body: text });
  if (!response.ok) throw new Error(`blob: ${response.status} ${await response.text()}`);
}

async function push({ blobs, manifest, mediaType, tag }: Artefact): Promise<void> {
  for (const blob of blobs) await putBlob(blob);
  await put(`manifests/${tag ?? digestOf(manifest)}`, manifest, mediaType);
}

/** An image of its own, with the summary of a case in both forms. */
async function stage(name: string, of: Case): Promise<string> {
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
    name,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      size: config.length,
      digest: digestOf(config),
    },
    layers: [],
  });
  await push({ blobs: [config], manifest, mediaType: MANIFEST });
  const digest = digestOf(manifest);
  if (of.none === true) return `${REPOSITORY}@${digest}`;
  const { key = ours, repository = REPOSITORY, result = 'PASSED', expires = DAY, policy = POLICY } = of;
  const payload = Buffer.from(
    JSON.stringify({
      _type: STATEMENT_V1,
      subject: [{ name: repository, digest: { sha256: of.digest ?? digest.slice('sha256:'.length) } }],
      predicateType: VERIFICATION_SUMMARY,
      predicate: {
        verificationResult: result,
        resourceUri: `oci://${repository}@${digest}`,
        policy: { digest: { sha256: policy } },
        [EXPIRES_ON]: new Date(Date.now() + expires).toISOString(),
      },
    }),
  );
  const signature = sign('sha256', preAuthEncoding(PayloadType.inToto, payload), key.privateKey);
  const signed = {
    envelope: envelope(PayloadType.inToto, payload, signature),
    predicateType: VERIFICATION_SUMMARY,
  };
  const subject = { mediaType: MANIFEST, size: manifest.length, digest };
  const simple = JSON.stringify({
    critical: {
      identity: { 'docker-reference': repository },
      image: { 'docker-manifest-digest': of.digest === undefined ? digest : `sha256:${of.digest}` },
      type: 'cosign container image signature',
    },
    optional: null,
  });
  const classic = sign('sha256', Buffer.from(simple), key.privateKey);
  await push(classicSignature({ image: `000000000000.us-east-1/team/app@${digest}` }, [], simple, classic));
  await push(classicAttestations(digest, [], [signed], 'hint'));
  await push(
    bundleReferrer(
      subject,
      bundleText(signed.envelope, 'hint'),
      VERIFICATION_SUMMARY,
      new Date().toISOString(),
    ),
  );
  return `${REPOSITORY}@${digest}`;
}

/** Nobody may be asked but the registry. */
function environment(home: string): Record<string, string> {
  return {
    HOME: home,
    PATH: process.env.PATH!,
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1',
  };
}

interface Program {
  readonly name: string;
  readonly path: string;
  args(image: string, folder: string): string[];
}

function programs([tester = '-', kyverno = '-', containers = '-']: string[]): Program[] {
  const applied = (policy: string) => (_image: string, folder: string) => {
    const registry = ['--registry', '--detailed-results'];
    return ['apply', join(folder, policy), '--resource', join(folder, 'pod.yaml'), ...registry];
  };
  return [
    {
      name: 'policy-controller',
      path: tester,
      args: (image: string, folder: string) => {
        return ['-policy', join(folder, 'controller.yaml'), '-image', image, '-log-level', 'error'];
      },
    },
    { name: 'ImageValidatingPolicy', path: kyverno, args: applied('ivpol.yaml') },
    { name: 'ClusterPolicy', path: kyverno, args: applied('cpol.yaml') },
    {
      name: 'containers/image',
      path: containers,
      args: (image: string, folder: string) => [join(folder, 'policy.json'), folder, image],
    },
  ].filter(({ path }) => path !== '-');
}

function writePolicies(folder: string, revoked: string): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const documents = (all: readonly object[]) =>
    all.map(document => stringify(document, { lineWidth: 0 })).join('---\n');
  const pems = RULES.keys.flatMap(key => ('pem' in key ? [key.pem] : []));
  write('controller.yaml', documents(clusterImagePolicies(RULES)));
  write('ivpol.yaml', documents([imageValidatingPolicy(RULES)]));
  write('cpol.yaml', documents([clusterPolicy(RULES)]));
  write('policy.json', containersPolicy(RULES, pems, [revoked]));
  write('ours.yaml', containersRegistries([REPOSITORY]));
}

function podOf(image: string): string {
  const spec = { containers: [{ name: 'app', image }] };
  return stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec });
}

async function untilReady(): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const answer = await fetch(`http://${HOST}/v2/`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error(`nothing serves a registry on ${HOST}`);
}

async function main([registry, ...paths]: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'admission-'));
  const server = spawn(registry!, ['-addr', HOST], { stdio: 'ignore' });
  try {
    await untilReady();
    const revoked = await stage('a revoked image', {});
    writePolicies(folder, revoked.split('@')[1]!);
    const images = [['its own summary, revoked', revoked]];
    for (const [name, of] of Object.entries(CASES)) images.push([name, await stage(name, of)]);
    for (const [name, image] of images) {
      writeFileSync(join(folder, 'pod.yaml'), podOf(image!));
      for (const program of programs(paths)) {
        const said = await run(program.path, program.args(image!, folder), {
          environment: environment(folder),
        });
        const text = `${said.stdout} ${said.stderr}`.replace(/\s+/g, ' ').trim().slice(0, 300);
        process.stdout.write(`${program.name}\t${name}\t${said.code}\t${text}\n`);
      }
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
