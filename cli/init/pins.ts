/** An action pinned to a commit. A tag can be moved, as the tags of trivy-action were in March 2026. */
export interface PinnedAction {
  readonly name: string;
  readonly commit: string;
  readonly version: string;
}

/** Each commit is the one that the tag of this version names in the action's own repository. */
export const ACTIONS = {
  checkout: {
    name: 'actions/checkout',
    commit: '3d3c42e5aac5ba805825da76410c181273ba90b1',
    version: 'v7.0.1',
  },
  setupNode: {
    name: 'actions/setup-node',
    commit: '820762786026740c76f36085b0efc47a31fe5020',
    version: 'v7.0.0',
  },
  uploadArtifact: {
    name: 'actions/upload-artifact',
    commit: 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f',
    version: 'v7.0.0',
  },
  downloadArtifact: {
    name: 'actions/download-artifact',
    commit: '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c',
    version: 'v8.0.1',
  },
  awsCredentials: {
    name: 'aws-actions/configure-aws-credentials',
    commit: 'e6de054238d6b7531b4efff3b6587d9aade6a06c',
    version: 'v6.2.3',
  },
  uploadSarif: {
    name: 'github/codeql-action/upload-sarif',
    commit: '8aad20d150bbac5944a9f9d289da16a4b0d87c1e',
    version: 'v4.36.2',
  },
} as const satisfies Record<string, PinnedAction>;

/** The text after `uses:`. */
function uses({ name, commit, version }: PinnedAction): string {
  return `${name}@${commit} # ${version}`;
}

export const IMAGES = {
  /** The image of docker-container builders. */
  buildkit: 'moby/buildkit:v0.31.2@sha256:2f5adac4ecd194d9f8c10b7b5d7bceb5186853db1b26e5abd3a657af0b7e26ec',
  node: 'node:22-trixie@sha256:2082d2bf902c8835655c6bcfee3594c00ea900498a9f6e2b96d3352536f9e8d8',
  /** Pinned by version only: no public project was found that pins this version by digest. */
  buildah: 'quay.io/buildah/stable:v1.43.1',
} as const;

/** The pipelines install Trivy from one archive and check its digest. They use no action for it. */
export const TRIVY = {
  url: 'https://github.com/aquasecurity/trivy/releases/download/v0.74.0/trivy_0.74.0_Linux-64bit.tar.gz',
  sha256: '2ae6fe3ee734b7fdf11335663e18c75ea12dccc76062f09f164a3b0f8be4371a',
} as const;

/** The values of the templates' placeholders. */
export const PINS = {
  CHECKOUT: uses(ACTIONS.checkout),
  SETUP_NODE: uses(ACTIONS.setupNode),
  UPLOAD_ARTIFACT: uses(ACTIONS.uploadArtifact),
  DOWNLOAD_ARTIFACT: uses(ACTIONS.downloadArtifact),
  AWS_CREDENTIALS: uses(ACTIONS.awsCredentials),
  UPLOAD_SARIF: uses(ACTIONS.uploadSarif),
  BUILDKIT_IMAGE: IMAGES.buildkit,
  NODE_IMAGE: IMAGES.node,
  BUILDAH_IMAGE: IMAGES.buildah,
  TRIVY_URL: TRIVY.url,
  TRIVY_SHA256: TRIVY.sha256,
  NODE_VERSION: '22',
} as const;
