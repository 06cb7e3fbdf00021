import { readFileSync } from 'fs';
import { join } from 'path';
import { REPOSITORY_URL } from '../core/repository-url';

/**
 * The sections of docs/operations.md that alarms link to, by their anchors.
 *
 * @internal
 */
export enum Runbook {
  deadLetters = 'dead-letter-queues',
  brake = 'the-brake-holds-revocations',
  failingFunction = 'a-function-fails',
  breakGlass = 'a-break-glass-grant-is-active',
  forgedBuild = 'a-build-that-nobody-asked-for',
  lateScans = 'scans-are-late',
  massRevocation = 'an-image-is-revoked',
  regoRejected = 'rego-in-a-bucket-is-broken',
  silence = 'reconcile-is-silent',
  runWatcher = 'what-the-run-watcher-sees',
  scanLoad = 'scans-near-their-capacity',
  signers = 'who-may-sign',
  untrustedDeployment = 'an-image-was-deployed-without-trust',
  waiversRejected = 'the-waiver-file-is-broken',
}

/**
 * The address of a section, in the version that is installed: another version may have other sections.
 *
 * @internal
 */
export function runbookUrl(section: Runbook): string {
  return `${REPOSITORY_URL}/blob/v${installedVersion()}/docs/operations.md#${section}`;
}

function installedVersion(): string {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
