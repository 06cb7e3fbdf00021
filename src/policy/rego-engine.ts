import { join } from 'path';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { REGO_ENGINE } from '../core/rego/rego-program';
import { RegoRuntime } from '../runtime/rego-runtime';

const FOLDER = join(__dirname, '../../assets/rego');

/** The engine of this package. All policies of an app share it, since it takes half a second to load. */
export const regoRuntime = new RegoRuntime(() => join(FOLDER, 'nodejs/node_modules', REGO_ENGINE));

/** The engine for functions that judge by a policy with Rego. Other functions do not carry its 5 MB. */
export function regoLayer(scope: Construct): LayerVersion {
  return new LayerVersion(scope, 'RegoEngine', {
    description: 'Open Policy Agent as WebAssembly',
    code: Code.fromAsset(FOLDER),
    license: 'Apache-2.0',
  });
}
