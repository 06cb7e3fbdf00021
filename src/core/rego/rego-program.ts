import * as z from 'zod';
import type { Result } from '../result';
import type { RegoSayings } from './prepared';
import type { Failure } from '../scanning/failed-scan';

/**
 * The path of the engine below a `node_modules`: that of the package when an app is synthesised, that of a
 * layer in Lambda.
 */
export const REGO_ENGINE = 'trusted-images-rego/rego.wasm.br';

const Version = z.enum(['v0', 'v1']);
const Data = z.record(z.string(), z.json());

/** Rego files, and the data that they see beside the report. */
export const RegoProgram = z.strictObject({
  modules: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(1024),
        source: z.string().min(1),
        version: Version.optional(),
      }),
    )
    .min(1)
    .max(200),
  data: Data.default({}),
  /** Where the files were read, if not in the app, with the version of each object. */
  from: z
    .strictObject({ bucket: z.string(), prefix: z.string(), versions: z.record(z.string(), z.string()) })
    .optional(),
});
export type RegoProgram = z.infer<typeof RegoProgram>;

/**
 * Rego files in a bucket, which are still to be read. It is in the policy source that a deployment declares;
 * the active policy has the files themselves.
 */
export const RegoInBucket = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string().min(1),
  version: Version.optional(),
  data: Data.optional(),
});
export type RegoInBucket = z.infer<typeof RegoInBucket>;

/** Evaluates a policy for a report, as its bytes. The engine is not pure, so the caller brings it. */
export type AskRego = (program: RegoProgram, report: Uint8Array, now: Date) => Result<RegoSayings, Failure>;
