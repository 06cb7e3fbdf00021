import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { reportRefusal } from './report-refusal';
import { askedTrust, remedyFor, templateKeys } from '../../adapters/aws/asked-trust';
import { env } from '../../adapters/aws/environment';
import { judgedBy } from '../../adapters/aws/judged-by';
import { logger } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import { EnvironmentName } from '../../src/core/environment';
import { Digest } from '../../src/core/image/image';
import type { ServiceGateContext } from '../../use-cases/gates/decide-for-service';

const ports = {
  ...askedTrust,
  keys: templateKeys,
  schemaVersion: process.env[EnvironmentName.trustSchemaVersion],
  allowedDigests: z.array(Digest).parse(JSON.parse(env(EnvironmentName.allowedDigests))),
  enforcement: z.enum(['REFUSE', 'AUDIT']).parse(env(EnvironmentName.enforcement)),
  evidenceBucket: env(EnvironmentName.evidence),
  say: (line: string) => logger.info(line),
  pause,
  report: reportRefusal,
};

/** What every gate in a service decides by. */
export function gateContext(context: Context): ServiceGateContext {
  const { invokedFunctionArn } = context;
  return { ...ports, judged: judgedBy(context), remedy: remedyFor(invokedFunctionArn), now: new Date() };
}
