import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './answer';
import { decisionJson, decisionLines, exitCodeOf } from './decision';
import { positive, type ImageOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import { Connection, tagResolver } from '../../use-cases/deployed-trust/connect';
import { follow, mustBeEnrolled, requestScan } from '../../use-cases/deployed-trust/follow-scan';
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
    const connection = await Connection.open(options, cli, image);
    mustBeEnrolled(image, connection.trust.parts.enrolment, connection.trust);
    const requestedAt = cli.now();
    await requestScan(image, connection, requestedAt);
    if (options.wait !== true) {
      const asked = { image, requestedAt: requestedAt.toISOString() };
      answer(cli, options.json, asked, () => [
        `the scan of ${image} is requested: wait for it with --wait, or ask later with verify`,
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
