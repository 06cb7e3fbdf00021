import type { AdmissionRules } from './admission-rules';

/**
 * `policy.json` of containers/image, for Podman, CRI-O and Skopeo on a host. It reads the signature in
 * `sha256-<hex>.sig`, which names its repository and does not expire. Everything else is rejected: a policy
 * that accepts what it does not name accepts a copy of a refused image elsewhere.
 *
 * A revoked digest is rejected where it is named. `policy.json` compares only the text of a reference, so a
 * tag of that digest is admitted, and no policy can reject all tags of a repository.
 *
 * @param revoked `<registry>/<repository>@<digest>`
 */
export function containersPolicy(
  { repositories }: Pick<AdmissionRules, 'repositories'>,
  pems: readonly string[],
  revoked: readonly string[],
): string {
  const signed = {
    type: 'sigstoreSigned',
    keyDatas: pems.map(pem => Buffer.from(pem).toString('base64')),
    // not `matchRepoDigestOrExact`: it refuses signatures that name no tag and no digest, as all of ours
    signedIdentity: { type: 'matchRepository' },
  };
  const docker = [
    ...repositories.map(repository => [repository, [signed]] as const),
    ...revoked.map(image => [image, [{ type: 'reject' }]] as const),
  ];
  return json({ default: [{ type: 'reject' }], transports: { docker: Object.fromEntries(docker) } });
}

/** A file for `/etc/containers/registries.d`: without it, no signature is looked for in the registry. */
export function containersRegistries(repositories: readonly string[]): string {
  return json({
    docker: Object.fromEntries(
      repositories.map(repository => [repository, { 'use-sigstore-attachments': true }]),
    ),
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
