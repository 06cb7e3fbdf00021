/** The pins of every tool that this repository runs but does not contain. */
export const VERSIONS = {
  trivy: '0.74.0',
  crane: '0.20.6',
  ko: '0.19.1',
  slsaVerifier: '2.7.1',
} as const;

/**
 * Every cosign that signatures are verified with: the one to use, and one from before bundles, which finds
 * tagged signatures only.
 */
export const COSIGN_VERSIONS = ['3.1.3', '2.5.0'] as const;

/** The releases that may be downloaded instead of built, by the digest they must have. */
export const RELEASES = {
  trivy: {
    platform: 'linux-x64',
    url: `https://github.com/aquasecurity/trivy/releases/download/v${VERSIONS.trivy}/trivy_${VERSIONS.trivy}_Linux-64bit.tar.gz`,
    sha256: '2ae6fe3ee734b7fdf11335663e18c75ea12dccc76062f09f164a3b0f8be4371a',
  },
  'cosign 3.1.3': {
    platform: 'linux-x64',
    url: 'https://github.com/sigstore/cosign/releases/download/v3.1.3/cosign-linux-amd64',
    sha256: '4629c757b7618056f8ddd7e2625ae9fdd94c0372a65049520bc7d9df9efc7f71',
  },
  'cosign 2.5.0': {
    platform: 'linux-x64',
    url: 'https://github.com/sigstore/cosign/releases/download/v2.5.0/cosign-linux-amd64',
    sha256: '1f6c194dd0891eb345b436bb71ff9f996768355f5e0ce02dde88567029ac2188',
  },
} as const;
