import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './answer';
import { decisionJson, decisionLines, exitCodeOf } from './decision';
import { positive, type ImageOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { isAdmitted, isEnrolledByName, needsTags, Enrolment } from '../../src/core/image/enrolment';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { parseJson } from '../../src/core/text/json';
import { plainText } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';
import { Connection, tagResolver } from '../../use-cases/deployed-trust/connect';
import { follow, requestScan } from '../../use-cases/deployed-trust/follow-scan';
import { imageAsked } from '../../use-cases/deployed-trust/image-argument';
import type { Cli } from '../shell/cli';

export interface RescanOptions extends ImageOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}

export async function rescan(reference: string, options: RescanOptions, cli: Cli): Promise<void> {
  const minutes = positive('--timeout', 'minutes', options.timeout);
  await asking(async () => {
    const image = await imageAsked(reference, options, tagResolver(cli), cli);
    const connection = await Connection.open(options, cli);
    mustBeEnrolled(image, connection.trust.parts.enrolment);
    const requestedAt = cli.now();
    await requestScan(image, connection, requestedAt);
    if (options.wait !== true) {
      const asked = { image, requestedAt: requestedAt.toISOString() };
      answer(cli, options.json, asked, () => [
        `the scan of ${image} is asked for; follow it with --wait, or ask later with verify`,
      ]);
      return;
    }
    const { register, keys, policies, evidence, requests } = connection;
    const say = (line: string) => cli.out.progress(line);
    const ports = {
      register,
      keys,
      policies,
      requests,
      evidenceBucket: evidence.name,
      now: cli.now,
      pause: sleep,
      say,
    };
    const decided = await follow(image, requestedAt, minutes * 60, ports);
    answer(cli, options.json, decisionJson(decided, image), () => decisionLines(decided));
    cli.endWith(exitCodeOf(decided.decision));
  });
}

/**
 * The dispatcher drops what is not enrolled, and nobody would ever answer. Tags of a repository are not known
 * here.
 */
function mustBeEnrolled(image: ImageName, document: string | undefined): void {
  const enrolment = Enrolment.safeParse(parseJson(document ?? ''));
  if (!enrolment.success || needsTags(enrolment.data)) return;
  const { repository } = imageOf(image);
  if (isEnrolledByName(enrolment.data, repository) || isAdmitted(enrolment.data, repository)) return;
  const allowed = enrolment.data
    .map(each =>
      each.by === 'prefix'
        ? `${each.prefix}*`
        : each.by === 'name' || each.by === 'request'
          ? each.name
          : each.by,
    )
    .join(', ');
  throw new UserError(
    `the repository ${plainText(repository, 300)} is not enrolled, so that nobody would scan it; enrolled: ${plainText(allowed, 300)}; add it to the trust's repositories`,
  );
}
