/** The pins of every tool that this repository runs but does not contain. */
export const VERSIONS = {
  trivy: '0.74.0',
  crane: '0.20.6',
  ko: '0.19.1',
} as const;

/**
 * Every cosign that signatures are verified with: the one to use, and one from before bundles, which finds
 * tagged signatures only.
 */
export const COSIGN_VERSIONS = ['3.1.3', '2.5.0'] as const;

/** The release archives that may be downloaded instead of built, by the digest they must have. */
export const ARCHIVES = {
  trivy: {
    platform: 'linux-x64',
    url: `https://github.com/aquasecurity/trivy/releases/download/v${VERSIONS.trivy}/trivy_${VERSIONS.trivy}_Linux-64bit.tar.gz`,
    sha256: '2ae6fe3ee734b7fdf11335663e18c75ea12dccc76062f09f164a3b0f8be4371a',
  },
} as const;
