import * as z from 'zod';
import { FileRule, RelativePath } from './policy-file-rules';
import { PRESETS } from './presets';
import { ECR_REPOSITORY_NAME, ECR_REPOSITORY_PREFIX } from '../image/repository-name';
import { WaiverEntry } from '../waivers/waiver';

export const PolicyFileLimit = { bytes: 256 * 1024, repositories: 100, waiverFiles: 20 } as const;

/** A policy of its own, or another one with changes. */
const FilePolicy = z.strictObject({
  extends: z
    .enum([...(Object.keys(PRESETS) as (keyof typeof PRESETS)[]), 'audit'])
    .optional()
    .describe(
      'The policy that this one begins with. audit: strict, and each rule only reports. Without it the policy has its own rules only.',
    ),
  name: z.string().min(1).max(64).optional().describe('Verdicts carry it. Required without extends.'),
  maxAgeHours: z
    .int()
    .min(1)
    .max(24 * 30)
    .optional()
    .describe('For how long after its scan a verdict holds; that of the policy it extends, or 72.'),
  audit: z
    .literal(true)
    .optional()
    .describe(
      'Each rule only reports: every image that can be scanned passes, and gates admit it. It is not signed in the registry.',
    ),
  without: z
    .array(z.string())
    .min(1)
    .max(50)
    .optional()
    .describe(
      'Rules of the policy that it extends which this one leaves out, to drop them or to put another in their place.',
    ),
  rules: z
    .array(FileRule)
    .max(200)
    .optional()
    .describe('Its rules, after those of the policy that it extends.'),
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
      "By its name, if it is left out: .trivyignore and .trivyignore.yaml are Trivy's, .json is OpenVEX, all else is waivers.yaml.",
    ),
  defaults: Defaults.optional().describe(
    'What the entries of a .trivyignore or an OpenVEX document do not say.',
  ),
  registries: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Hosts of the registries that an OpenVEX document may speak of, <account>.dkr.ecr.<region>.amazonaws.com.',
    ),
});
export type WaiverFileSource = z.infer<typeof WaiverFileSource>;

/** `trusted-images.yaml` */
export const PolicyFileSchema = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  policy: FilePolicy.describe('The policy that judges, where no other is named for a repository.'),
  repositoryPolicies: z
    .array(RepositoryPolicy)
    .max(PolicyFileLimit.repositories)
    .optional()
    .describe('Other policies for some repositories. The first that names a repository judges its images.'),
  waivers: z
    .array(WaiverFileSource)
    .max(PolicyFileLimit.waiverFiles)
    .optional()
    .describe('Files of findings that somebody accepted.'),
  maxWaiverLifeDays: z
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe(
      'For how long a waiver may hold, counted from the day on which it was accepted; 90 if it is left out.',
    ),
});
