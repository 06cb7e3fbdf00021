import * as z from 'zod';
import type { Result } from '../result';
import type { RegoSayings } from './prepared';
import type { Failure } from '../scanning/failed-scan';

/**
 * The engine, by its name below a `node_modules`: of the package when an app is synthesised, of a layer in
 * Lambda.
 */
export const REGO_ENGINE = 'trusted-images-rego/rego.wasm.br';

const Version = z.enum(['v0', 'v1']);
const Data = z.record(z.string(), z.json());

/** Policy files, and what they see beside the report. */
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
  /** Where the files were read, if not in the app: which version of each object. */
  from: z
    .strictObject({ bucket: z.string(), prefix: z.string(), versions: z.record(z.string(), z.string()) })
    .optional(),
});
export type RegoProgram = z.infer<typeof RegoProgram>;

/**
 * Files that are still to be read from a bucket. What judges has read them: this stands in what a deployment
 * declares.
 */
export const RegoInBucket = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string().min(1),
  version: Version.optional(),
  data: Data.optional(),
});
export type RegoInBucket = z.infer<typeof RegoInBucket>;

/** Asks a policy about a report, as its bytes. The engine is not pure: who runs core brings one. */
export type AskRego = (program: RegoProgram, report: Uint8Array, now: Date) => Result<RegoSayings, Failure>;
