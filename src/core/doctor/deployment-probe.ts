import { found, ok, type Look } from './line';

export interface DeploymentProbe {
  /** The status of the stack, as CloudFormation says. */
  readonly stackStatus: string;
  /** Undefined where the stack has none. */
  readonly probe: { readonly status: string; readonly at: Date | undefined } | undefined;
}

/**
 * Whether scans were proved to work when they were changed last. A probe that fails lets its deployment fail,
 * and what is on its way back is not probed: so the stack tells.
 */
export function deploymentProbe({ stackStatus, probe }: DeploymentProbe): Look {
  const limit = 'passed, in a deployment that succeeded';
  const at = probe?.at === undefined ? '' : ` at ${probe.at.toISOString()}`;
  const value = probe === undefined ? 'the stack has no probe' : `${probe.status}${at}`;
  const isBroken = /ROLLBACK|FAILED/.test(stackStatus) || probe?.status.includes('FAILED') === true;
  return isBroken
    ? found(
        limit,
        `${value}; the stack is ${stackStatus}`,
        'read the events of the stack: that of Custom::ScannerProbe, or the first one that failed, says what to do',
      )
    : ok(limit, value);
}
