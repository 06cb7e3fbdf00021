import type { Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import { pipelineValues, VARIABLES } from './pipeline-values';
import { fillTemplate, readTemplate } from '../shell/template';

export function gitlabPipeline(options: PipelineOptions): Pipeline {
  const missing = VARIABLES.filter(({ option }) => options[option] === undefined).map(({ name }) => name);
  return {
    file: {
      path: '.gitlab-ci.yml',
      content: fillTemplate(readTemplate('gitlab/.gitlab-ci.yml'), pipelineValues(options)),
    },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs the version in package-lock.json and nothing else',
      ...(missing.length === 0 ? [] : [`set as CI/CD variables of the project: ${missing.join(', ')}`]),
      'both roles must trust your GitLab (audience: its URL) for project_path:<group>/<project>:ref_type:branch:ref:main',
      'the CDK app must read the context "digest" and deploy TrustedImage.fromDigest',
    ],
  };
}
