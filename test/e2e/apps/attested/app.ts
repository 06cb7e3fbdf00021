import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ImageAttestation,
  ImageTrust,
  RepositorySelector,
  SignedManifests,
  SigningKey,
} from '../../../../src';

/** A trust that attests everything, of the images of an index too, and knows base images. */
const stack = new Stack(new App(), 'Attested');
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('attested/')],
  baseRepositories: [RepositorySelector.name('attested/base')],
  signing: {
    key: new SigningKey(stack, 'Key', { aliasName: 'attested', removalPolicy: RemovalPolicy.DESTROY }),
    attestations: [
      ImageAttestation.VERDICT,
      ImageAttestation.VULNERABILITIES,
      ImageAttestation.SBOM,
      ImageAttestation.SUMMARY,
    ],
    signedManifests: SignedManifests.ALL,
  },
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(stack, 'Register', { value: trust.register.table.tableName });
new CfnOutput(stack, 'Evidence', { value: trust.evidence.bucket.bucketName });
