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

/** A key by its ARN in AWS KMS, or by its public half as PEM. */
export type AdmissionKeyRef = { readonly kms: string } | { readonly pem: string };

/** How cosign's code names a key of AWS KMS. It accepts an alias too, which could be moved. */
export function kmsReference(arn: string): string {
  return `awskms:///${arn}`;
}

/** A manifest of Kubernetes. */
export type Manifest = Readonly<Record<string, unknown>>;

/** Every form in which a pod may name an image of the repository, for matchers of whole texts. */
export function referencesOf(repository: string): string[] {
  return [repository, `${repository}:*`, `${repository}@*`];
}

/** A list of texts in CEL, Rego and JMESPath: all of them read JSON. Nothing in it can be a quote. */
export function listOf(texts: readonly string[]): string {
  return `[${texts.map(text => `"${text}"`).join(', ')}]`;
}
