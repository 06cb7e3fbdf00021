import { sha256Of } from '../../../src/core/text/sha256';
import { Content } from '../content';
import { buildImage, ContainerConfig } from '../image';
import { Layer } from '../layer';
import { awsAccessKeyId, githubToken, privateKey } from '../secrets';
import { HARDENED, PATCHED, supportedOs } from './ingredients';

/**
 * Secrets that an image can hold, by the place that holds them. None may leave the scan, whatever Trivy says
 * about the image.
 */
export const CANARIES = {
  env: githubToken('canary env'),
  envUnrecognised: canary('env'),
  entrypoint: canary('entrypoint'),
  cmd: canary('cmd'),
  healthcheck: canary('healthcheck'),
  label: canary('label'),
  historyRun: canary('history-run'),
  historyEnv: canary('history-env'),
  file: awsAccessKeyId('canary file'),
  /** Not a secret to Trivy, but on the line below one, and so among the code lines of the finding. */
  fileNeighbour: canary('file-neighbour'),
  privateKey: privateKey('canary private key').split('\n')[1],
  packageMaintainer: canary('package-maintainer'),
} as const;

const CONFIG: ContainerConfig = {
  ...HARDENED,
  Env: ['PATH=/usr/bin', `GITHUB_TOKEN=${CANARIES.env}`, `DATABASE_PASSWORD=${CANARIES.envUnrecognised}`],
  Entrypoint: ['/app/server.js', `--key=${CANARIES.entrypoint}`],
  Cmd: ['--password', CANARIES.cmd],
  Healthcheck: { Test: ['CMD', 'curl', '-u', `health:${CANARIES.healthcheck}`, 'http://localhost'] },
  Labels: { 'com.example.deploy-key': CANARIES.label },
};

/** The image that holds every canary. */
export async function canaryImage(): Promise<Content> {
  const operatingSystem = supportedOs([
    ...PATCHED,
    { name: 'internal-tool', version: '1.0-1', maintainer: CANARIES.packageMaintainer },
  ]);
  const files = new Layer()
    .file('app/.env', `AWS_ACCESS_KEY_ID=${CANARIES.file}\nPASSPHRASE=${CANARIES.fileNeighbour}\n`)
    .file('root/.ssh/id_rsa', privateKey('canary private key'), 0o600);
  return buildImage({
    layers: [operatingSystem, files],
    config: CONFIG,
    history: [
      { created_by: 'COPY os / # buildkit' },
      { created_by: 'COPY app / # buildkit' },
      { created_by: `ENV SESSION_KEY=${CANARIES.historyEnv}`, empty_layer: true },
      {
        created_by: `RUN /bin/sh -c sudo curl -H "Authorization: ${CANARIES.historyRun}" https://example.com # buildkit`,
        empty_layer: true,
      },
    ],
  });
}

function canary(place: string): string {
  return `canary-${place}-${sha256Of(place).slice(0, 20)}`;
}
