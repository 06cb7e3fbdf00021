import type { Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import { pipelineValues } from './pipeline-values';
import { fillTemplate, readTemplate } from '../shell/template';

/**
 * Teams that deploy with the CDK define their pipeline with it too. So this writes a buildspec and returns
 * the pipeline as code to paste.
 */
export function codePipeline(options: PipelineOptions): Pipeline {
  const values = pipelineValues(options);
  return {
    file: {
      path: 'buildspec.yml',
      content: fillTemplate(readTemplate('codepipeline/buildspec.yml'), values),
    },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs the version in package-lock.json and nothing else',
      'paste the code below into the stack that has the ImageTrust, and fill in your source repository and its connection',
      'the CDK app must read the context "digest" and deploy TrustedImage.fromDigest',
    ],
    snippet: fillTemplate(readTemplate('codepipeline/pipeline.ts'), values),
  };
}
