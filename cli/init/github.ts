import type { Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import { pipelineValues, VARIABLES } from './pipeline-values';
import { fillTemplate, readTemplate, type TemplateValues } from '../shell/template';

export function githubPipeline(options: PipelineOptions): Pipeline {
  const missing = VARIABLES.filter(({ option }) => options[option] === undefined);
  return {
    file: {
      path: '.github/workflows/trusted-images.yml',
      content: fillTemplate(readTemplate('github/trusted-images.yml'), {
        ...pipelineValues(options),
        ...givenOrVariables(options),
      }),
    },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs the version in package-lock.json and nothing else',
      ...missing.map(({ name, what }) => `gh variable set ${name}   # ${what}`),
      'both roles must trust token.actions.githubusercontent.com: the one that pushes for repo:<owner>/<name>:ref:refs/heads/main, the one that deploys for repo:<owner>/<name>:environment:production',
      'the CDK app must read the context "digest" and deploy TrustedImage.fromDigest',
    ],
  };
}

/**
 * A value that was given, or the variable of the repository that will hold it. The quotes keep values like
 * `true` or `2024-01-01` text in YAML. The values have no quotes: their patterns refuse them.
 */
function givenOrVariables(options: PipelineOptions): TemplateValues {
  return Object.fromEntries(
    VARIABLES.map(({ option, name }) => {
      const value = options[option];
      return [name, value === undefined ? `\${{ vars.${name} }}` : `'${value}'`];
    }),
  );
}
