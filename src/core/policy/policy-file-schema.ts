import * as z from 'zod';
import { PRESETS } from './presets';
import { RULES } from './rules';
import { ECR_REPOSITORY_NAME, ECR_REPOSITORY_PREFIX } from '../image/repository-name';
import { RelativePath } from '../text/relative-path';
import { WaiverEntry } from '../waivers/waiver';

export const PolicyFileLimit = { bytes: 256 * 1024, repositories: 100, waiverFiles: 20 } as const;

/** A rule in a policy file. It may leave out what has a default. */
const FileRule = z.discriminatedUnion(
  'rule',
  [...RULES.keys()].sort().map(name => RULES.get(name)!.fileEntry) as unknown as [
    z.ZodObject,
    ...z.ZodObject[],
  ],
);
export interface FileRule {
  readonly rule: string;
  readonly action?: 'deny' | 'warn';
  readonly [parameter: string]: unknown;
}

/** A policy of its own, or changes to another one. */
const FilePolicy = z.strictObject({
  extends: z
    .enum([...(Object.keys(PRESETS) as (keyof typeof PRESETS)[]), 'audit'])
    .optional()
    .describe(
      'The policy whose rules this one starts with. audit: the rules of strict, each of which only reports. Without it the policy has its own rules only.',
    ),
  name: z.string().min(1).max(64).optional().describe('Verdicts carry it. Required without extends.'),
  maxAgeHours: z
    .int()
    .min(1)
    .max(24 * 30)
    .optional()
    .describe(
      'How many hours after its scan a verdict expires. Without it the value of the policy that it extends, or 72.',
    ),
  audit: z
    .literal(true)
    .optional()
    .describe(
      'Each rule only reports. Every image that can be scanned passes, and gates admit it, but it is not signed in the registry.',
    ),
  without: z
    .array(z.string())
    .min(1)
    .max(50)
    .optional()
    .describe('Rules of the extended policy that this one leaves out, to drop them or to replace them.'),
  rules: z
    .array(FileRule)
    .max(200)
    .optional()
    .describe('Its rules, which come after those of the policy that it extends.'),
});
export type FilePolicy = z.infer<typeof FilePolicy>;

/** Patterns are those of `RepositorySelector`. */
const Selector = z.union(
  [
    z.strictObject({
      prefix: z
        .string()
        .regex(
          ECR_REPOSITORY_PREFIX,
          'a prefix is not the start of a repository name, allowed: lower-case letters, digits and . _ - /, for example team/',
        ),
    }),
    z.strictObject({
      name: z
        .string()
        .regex(
          ECR_REPOSITORY_NAME,
          'a name is not that of a repository, allowed: lower-case letters, digits and . _ - /, for example team/app',
        ),
    }),
  ],
  { error: 'a selector is neither a prefix nor a name, allowed: prefix: team/ or name: team/app' },
);

const RepositoryPolicy = z.strictObject({
  repositories: z.array(Selector).min(1).max(100),
  policy: FilePolicy,
});

const { owner, reason, ticket, expires, repositories, digests } = WaiverEntry.shape;
const Defaults = z.strictObject({
  owner: owner.optional(),
  reason: reason.optional(),
  ticket,
  expires: expires.optional(),
  repositories,
  digests,
});

const WaiverFileSource = z.strictObject({
  file: RelativePath.describe('Relative to this file.'),
  format: z
    .enum(['waivers', 'trivyignore', 'openvex'])
    .optional()
    .describe(
      "Without it the name decides: .trivyignore and .trivyignore.yaml are Trivy's format, .json is OpenVEX, all others are waivers.yaml.",
    ),
  defaults: Defaults.optional().describe(
    'Values that the entries of a .trivyignore or an OpenVEX document lack.',
  ),
  registries: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Hosts of the registries whose images an OpenVEX document may name: <account>.dkr.ecr.<region>.amazonaws.com.',
    ),
});
export type WaiverFileSource = z.infer<typeof WaiverFileSource>;

/** `trusted-images.yaml` */
export const PolicyFileSchema = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  policy: FilePolicy.describe('The policy for every repository that has no policy of its own.'),
  repositoryPolicies: z
    .array(RepositoryPolicy)
    .max(PolicyFileLimit.repositories)
    .optional()
    .describe('Other policies for some repositories. The first that names a repository judges its images.'),
  waivers: z
    .array(WaiverFileSource)
    .max(PolicyFileLimit.waiverFiles)
    .optional()
    .describe('Files with waivers: findings whose risk was accepted.'),
  maxWaiverLifeDays: z
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe(
      'How many days a waiver may hold, counted from the day on which it was accepted. Without it 90.',
    ),
});
