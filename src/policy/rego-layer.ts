import { join } from 'path';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** The Rego engine, for functions that ask a policy with Rego; others do not carry its 5 MB. */
export function regoLayer(scope: Construct): LayerVersion {
  return new LayerVersion(scope, 'RegoEngine', {
    description: 'Open Policy Agent as WebAssembly',
    code: Code.fromAsset(join(__dirname, '../../assets/rego')),
    license: 'Apache-2.0',
  });
}
