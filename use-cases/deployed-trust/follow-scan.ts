import { askDeployed, type DeployedPorts, Decided } from './ask';
import { rulesOfDeployment } from '../../src/core/gates/gate-rules';
import { hasScanEnded } from '../../src/core/gates/may-end';
import { nextStep } from '../../src/core/gates/next-step';
import { Enrolment, isAdmitted, isEnrolledByName, needsTags } from '../../src/core/image/enrolment';
import {
  imageName,
  imageOf,
  otherAccount,
  sibling,
  type ImageName,
  type Place,
} from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { CAUSES } from '../../src/core/scanning/failed-scan';
import { requestFor, type ScanRequest } from '../../src/core/scanning/scan-request';
import { parseJson } from '../../src/core/text/json';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { refused } from '../../src/core/trust/refusal';
import { UserError } from '../../src/core/user-error';

export interface RescanPorts extends DeployedPorts {
  readonly requests: { send(request: ScanRequest): Promise<void> };
  now(): Date;
  pause(milliseconds: number): Promise<void>;
  /** Prints progress: a line for each change. */
  say(line: string): void;
}

export async function requestScan(
  image: ImageName,
  { requests }: Pick<RescanPorts, 'requests'>,
  now: Date,
): Promise<void> {
  await requests.send(requestFor(image, imageOf(image).digest, 'request', now));
}

/**
 * Waits until the scan that was requested has ended, and its verdict, if it has one, is signed. Trust from
 * before the request is not an answer to it.
 */
export async function follow(
  image: ImageName,
  requestedAt: Date,
  waitSeconds: number,
  ports: RescanPorts,
): Promise<Decided> {
  for (let said = ''; ; await ports.pause(Seconds.followScanEvery * 1000)) {
    const now = ports.now();
    const decided = await askDeployed(image, ports, now);
    const { decision, row, evidenceBucket } = decided;
    const children = await childrenOf(row, ports);
    if (decision.trusted) {
      if (hasScanEnded(row, children, { at: requestedAt, now })) return afterwards(decided, requestedAt);
    } else {
      const rules = rulesOfDeployment({ enforcement: 'REFUSE', requestedAt, now, waitSeconds });
      const images = [{ of: 'the image', refused: decision, row, children }];
      const step = nextStep({ images, rollback: 'NO' }, rules);
      if (step.step === 'refuse') return { decision: step.refusals[0].refused, row, evidenceBucket };
    }
    if (now.getTime() - requestedAt.getTime() >= waitSeconds * 1000) {
      const heard = `nothing was heard of the scan that was asked for at ${requestedAt.toISOString()}`;
      return {
        decision: refused(image, 'INDETERMINATE', heard, {
          remedy: "check the dispatcher's log, the queue of scan requests and its dead letters",
        }),
        row,
        evidenceBucket,
      };
    }
    const says = row.lease === undefined ? 'waits to be dispatched' : `scan ${row.lease.scanId} is under way`;
    if (says !== said) ports.say(`${image}: ${says}`);
    said = says;
  }
}

/** A scan is indeterminate: an older verdict may still hold for gates, but it is not an answer here. */
function afterwards(decided: Decided & { readonly row: RegisterRow }, requestedAt: Date): Decided {
  const {
    decision,
    row: { pk, lastFailedScan },
  } = decided;
  if (
    !decision.trusted ||
    lastFailedScan === undefined ||
    Date.parse(lastFailedScan.at) < requestedAt.getTime()
  ) {
    return decided;
  }
  const { cause, detail } = lastFailedScan;
  const says = `${cause}: ${detail}; gates admit it by its verdict before, until ${decision.validUntil}`;
  return { ...decided, decision: refused(pk, 'INDETERMINATE', says, { remedy: CAUSES[cause].remedy }) };
}

async function childrenOf(
  { pk, children }: RegisterRow,
  { register }: DeployedPorts,
): Promise<RegisterRow[] | undefined> {
  if (children === undefined) return undefined;
  return Promise.all(children.map(({ digest }) => register.load(imageName(sibling(imageOf(pk), digest)))));
}

/**
 * Throws for a repository that is not enrolled: dispatch drops the request, and no answer would come. Where
 * resource tags decide, it cannot be checked here.
 */
export function mustBeEnrolled(image: ImageName, document: string | undefined, home: Place): void {
  const enrolment = Enrolment.safeParse(parseJson(document ?? ''));
  if (!enrolment.success) return;
  const { repository, account } = imageOf(image);
  const other = otherAccount({ account }, home);
  if (other === undefined && (needsTags(enrolment.data) || isAdmitted(enrolment.data, repository))) return;
  if (isEnrolledByName(enrolment.data, repository, other)) return;
  const allowed = enrolment.data
    .filter(({ by }) => by !== 'except')
    .map(each =>
      each.by === 'prefix'
        ? `${each.prefix}*`
        : each.by === 'name' || each.by === 'request'
          ? `${'account' in each ? `${each.account}/` : ''}${each.name}`
          : each.by,
    )
    .join(', ');
  throw new UserError(
    `the repository ${plainText(repository, 300)} is not enrolled, so that nobody would scan it; enrolled: ${plainText(allowed, 300)}; add it to the trust's repositories`,
  );
}
