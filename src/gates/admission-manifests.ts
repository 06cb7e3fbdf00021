import { writeFileSync } from 'fs';
import { Token } from 'aws-cdk-lib';
import type { ICluster, KubernetesManifest } from 'aws-cdk-lib/aws-eks';
import { fileReaders } from '../policy/file-readers';

/**
 * Manifests of Kubernetes, as documents, as text, as a file, or applied to a cluster.
 */
export class AdmissionManifests {
  /** @internal */
  public static _of(documents: readonly object[]): AdmissionManifests {
    return new AdmissionManifests(documents);
  }

  /** The manifests. Their values may be tokens. */
  public readonly documents: { [key: string]: any }[];

  private constructor(documents: readonly object[]) {
    this.documents = documents.map(document => ({ ...document }));
  }

  /**
   * One text in YAML. Throws if a value is known only at deployment, as the account of a stack without `env`
   * or the ARN of a key of this app.
   */
  public toYaml(): string {
    const text = fileReaders.yaml().yamlText(this.documents);
    if (Token.isUnresolved(text)) {
      throw new Error(
        'the manifests have values that are known only at deployment (account, region, the ARN of a key), allowed as text: repositories with account and region, and AdmissionKey.pem(); or addTo(cluster)',
      );
    }
    return text;
  }

  /** Writes the text to a file. Throws as `toYaml()` does. */
  public writeTo(path: string): void {
    writeFileSync(path, this.toYaml());
  }

  /**
   * Applies the manifests to a cluster. Its admission controller must be installed before: add a dependency
   * on its chart.
   */
  public addTo(cluster: ICluster, id: string): KubernetesManifest {
    return cluster.addManifest(id, ...this.documents);
  }
}
