import type { Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import { pipelineValues } from './pipeline-values';
import { fillTemplate, readTemplate } from '../template';

/**
 * Teams that deploy with the CDK make their pipeline with it too: a buildspec beside the code, and the
 * pipeline as code to paste.
 */
export function codePipeline(options: PipelineOptions): Pipeline {
  const values = pipelineValues(options);
  return {
    file: {
      path: 'buildspec.yml',
      content: fillTemplate(readTemplate('codepipeline/buildspec.yml'), values),
    },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs what package-lock.json says, and nothing else',
      'paste what follows into the stack that has the ImageTrust, and name your source code and its connection',
      'the CDK app reads the context "digest" and deploys TrustedImage.fromDigest',
    ],
    snippet: fillTemplate(readTemplate('codepipeline/pipeline.ts'), values),
  };
}
