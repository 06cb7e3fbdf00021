import * as z from 'zod';
import { defineRule } from './rule';
import { notKept, type TrivyReport } from '../../scanning/trivy-report';
import { compileGlob, Pattern } from '../../text/glob';

const Named = z.strictObject({
  /** No star before the first slash: hosts are compared as a whole (rule 5.7, fail closed). */
  name: Pattern.regex(
    /^[^*/]+\/./,
    'an image name begins with its registry, without a *, for example docker.io/library/debian:*',
  ),
});
const Layers = z.strictObject({
  title: z.string().min(1).max(200),
  diffIds: z
    .array(z.string().regex(/^sha256:[0-9a-f]{64}$/))
    .min(1)
    .max(127),
});
const Allowed = z.union([Named, Layers]);
type Allowed = z.infer<typeof Allowed>;

/**
 * Images that were built on anything else. A name is what the image says of itself
 * (`org.opencontainers.image.base.name`), so it proves nothing. Layers prove that their files are at the
 * bottom of the image, though layers above may replace each of them.
 */
export const allowedBaseImages = defineRule({
  name: 'allowed-base-images',
  description: 'Refuses images that are built on anything else.',
  scanners: [],
  parameters: { allowed: z.array(Allowed).min(1).max(200) },
  check: ({ report }, { allowed }) => {
    if (allowed.some(base => 'diffIds' in base && isBuiltOn(base.diffIds, report))) return { issues: [] };
    const names = allowed.flatMap(base => ('name' in base ? [base.name] : []));
    const failure = names.length === 0 ? undefined : notKept(report, 'labels');
    if (failure !== undefined) return { failure };
    const stated = statedBase(report);
    if (names.map(compileGlob).some(glob => stated.some(base => glob.matches(base)))) {
      return { issues: [] };
    }
    return {
      issues: [
        {
          message: `the image is built on none of the allowed base images${says(stated, names)}; allowed: ${allowed
            .map(base => ('name' in base ? base.name : base.title))
            .join(', ')
            .slice(0, 400)}`,
          remedy:
            names.length === 0
              ? 'build the image on one of them, in its current version'
              : "build the image on one of them, and label it with org.opencontainers.image.base.name, the base image's full name",
        },
      ],
    };
  },
});

function isBuiltOn(diffIds: readonly string[], { Metadata: { DiffIDs = [] } }: TrivyReport): boolean {
  return diffIds.every((diffId, index) => DiffIDs[index] === diffId);
}

/** The name, and the name with the digest: a pattern may ask for either. */
function statedBase({ Metadata: { ImageConfig } }: TrivyReport): string[] {
  const { name, digest } = ImageConfig.config?.BaseImage ?? {};
  if (name === undefined) return [];
  return digest === undefined || name.includes('@') ? [name] : [name, `${name}@${digest}`];
}

function says(stated: readonly string[], names: readonly string[]): string {
  if (names.length === 0) return '';
  const name = stated.at(-1);
  return name === undefined ? ': it does not say on which' : `: it says ${name.slice(0, 200)}`;
}
