import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ImageAttestation,
  ImageTrust,
  RepositorySelector,
  SignedManifests,
  SigningKey,
} from '../../../../src';

/** A trust that attests everything, of the images of an index too. */
const stack = new Stack(new App(), 'Attested');
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('attested/')],
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
