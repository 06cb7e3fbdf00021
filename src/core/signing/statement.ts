import * as z from 'zod';
import type { Verdict } from '../evidence/verdict';
import { ScanId } from '../ids';
import { ImageName, imageOf, repositoryReference } from '../image/image';
import { Seconds } from '../times';

/** cosign's predicate of an image signature. */
export const SIGN_V1 = 'https://sigstore.dev/cosign/sign/v1';
export const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';

/** The claims about an image. All are strings: `cosign verify -a name=value` compares nothing else. */
export const Claims = z.object({
  image: ImageName,
  /**
   * `<registry>/<repository>`: without it, a signature of the same digest in another repository would count.
   */
  repository: z.string(),
  verdict: z.literal('PASS'),
  scanId: ScanId,
  /** The hash of the policy document. */
  policy: z.string(),
  evaluatedAt: z.iso.datetime(),
});
export type Claims = z.infer<typeof Claims>;

/** A statement expires; the cosign signature in the registry is written once and does not. */
export const StatementClaims = Claims.extend({ validUntil: z.iso.datetime() });
export type StatementClaims = z.infer<typeof StatementClaims>;

const Subject = z.strictObject({ digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) });

/** A sign/v1 statement of exactly one subject, with its claims where cosign looks for them. */
function signV1<T extends z.ZodType>(claims: T) {
  const subject = z.tuple([Subject.extend({ annotations: claims })]);
  return z.strictObject({
    _type: z.literal(STATEMENT_V1),
    predicateType: z.literal(SIGN_V1),
    subject,
    predicate: z.strictObject({}),
  });
}

/** The statement for the registry. An unknown claim is refused, because it may limit the others. */
export const RegistryStatement = signV1(z.strictObject(Claims.shape));
/** The statement for the register. */
export const RegisterStatement = signV1(StatementClaims);

export function claimsOf(verdict: Verdict, urlSuffix: string): Claims {
  return {
    image: verdict.image,
    repository: repositoryReference(imageOf(verdict.image), urlSuffix),
    verdict: 'PASS',
    scanId: verdict.scanId,
    policy: verdict.policy.sha256,
    evaluatedAt: verdict.evaluatedAt,
  };
}

/** The bytes of a sign/v1 statement, as they are signed. */
export function statementBytes(claims: Claims | StatementClaims): Uint8Array {
  const { digest } = imageOf(claims.image);
  return Buffer.from(
    JSON.stringify({
      _type: STATEMENT_V1,
      subject: [{ digest: { sha256: digest.slice('sha256:'.length) }, annotations: claims }],
      predicateType: SIGN_V1,
      predicate: {},
    }),
  );
}

/** Why claims do not hold for this image now: they are about another image, or about a future time. */
export function whyNotFor(
  statement: { readonly digest: string; readonly claims: Claims },
  image: ImageName,
  now: Date,
): 'OTHER_IMAGE' | 'BROKEN_STATEMENT' | undefined {
  const { account, region, repository, digest } = imageOf(image);
  const [host, ...path] = statement.claims.repository.split('/') as [string, ...string[]];
  const isOfRepository = host.startsWith(`${account}.dkr.ecr.${region}.`) && path.join('/') === repository;
  if (statement.claims.image !== image || statement.digest !== digest || !isOfRepository) {
    return 'OTHER_IMAGE';
  }
  return Date.parse(statement.claims.evaluatedAt) > now.getTime() + Seconds.statementClockSkew * 1000
    ? 'BROKEN_STATEMENT'
    : undefined;
}
