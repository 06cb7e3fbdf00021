/** What every admission controller is told. Values may be tokens of the CDK: they are only put into texts. */
export interface AdmissionRules {
  /** The name of the policies in the cluster. */
  readonly name: string;
  /** `<registry>/<repository>`. An image of one of them needs a summary of that repository. */
  readonly repositories: readonly string[];
  /** A summary by one of them is enough. */
  readonly keys: readonly AdmissionKeyRef[];
  /** SHA-256 of the policy documents whose verdicts are accepted. All, if there is none. */
  readonly policies: readonly string[];
}

/** Of policies in a cluster: Kubernetes takes up to 63 characters, and some policies get a suffix. */
export const POLICY_NAME = {
  pattern: /^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/,
  allowed: 'up to 52 lower-case letters, digits and "-"',
} as const;

/** A key by its ARN in AWS KMS, or by its public half as PEM. */
export type AdmissionKeyRef = { readonly kms: string } | { readonly pem: string };

/** How cosign's code names a key of AWS KMS. It accepts an alias too, which could be moved. */
export function kmsReference(arn: string): string {
  return `awskms:///${arn}`;
}

/**
 * Which requests a policy judges, in CEL. A change of a pod that keeps its images is not judged: otherwise a
 * running pod whose image was revoked since could not be labelled, and its finalizers not be removed.
 */
export const NEW_PODS = {
  matchConstraints: {
    resourceRules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['pods', 'pods/ephemeralcontainers'],
      },
    ],
  },
  matchConditions: [
    {
      name: 'new-images',
      expression:
        'request.operation != "UPDATE" || request.?subResource.orValue("") == "ephemeralcontainers" || ' +
        `[${imagesOf('object').join(', ')}] != [${imagesOf('oldObject').join(', ')}]`,
    },
  ],
};

/**
 * The lists of images that a pod names, in CEL. Since Kubernetes 1.31 an image may be a volume too: its files
 * may be programs.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/
 */
export function imagesOf(pod: string): string[] {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'];
  return [
    ...containers.map(list => `${pod}.spec.?${list}.orValue([]).map(each, each.image)`),
    `${pod}.spec.?volumes.orValue([]).filter(each, has(each.image) && has(each.image.reference))` +
      '.map(each, each.image.reference)',
  ];
}

/** A manifest of Kubernetes. */
export type Manifest = Readonly<Record<string, unknown>>;

/**
 * Every form in which a pod may name an image of the repository by this host, for matchers of whole texts.
 * The same registry has other hosts, and no pattern can name upper case: the cluster must admit no other
 * names.
 */
export function referencesOf(repository: string): string[] {
  return [repository, `${repository}:*`, `${repository}@*`];
}

/** A list of texts in CEL, Rego and JMESPath: all of them read JSON. Nothing in it can be a quote. */
export function listOf(texts: readonly string[]): string {
  return `[${texts.map(text => `"${text}"`).join(', ')}]`;
}
