import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { codePipeline } from '../init/codepipeline';
import type { InitDockerfileOptions } from '../init/dockerfile';
import { githubPipeline } from '../init/github';
import { gitlabPipeline } from '../init/gitlab';
import type { Pipeline } from '../init/pipeline';
import { checkedOptions, type PipelineOptions } from '../init/pipeline-options';
import { writeGenerated } from '../init/write-file';
import type { Cli } from '../shell/cli';

const POLICY_FILE = 'trusted-images.yaml';

type Flag = readonly [flag: string, what: string];
const REPOSITORY: Flag = ['--repository <name>', 'repository in Amazon ECR'];
const PLACE: readonly Flag[] = [
  ['--region <region>', 'AWS Region of the repository'],
  ['--push-role-arn <arn>', 'role that pushes, and asks for trust'],
  ['--deploy-role-arn <arn>', 'role that deploys'],
  ['--stack <name>', 'stack that has the ImageTrust'],
];

interface InitPipeline {
  readonly name: string;
  readonly what: string;
  readonly write: (options: PipelineOptions) => Pipeline;
  readonly flags: readonly Flag[];
}

const PIPELINES: readonly InitPipeline[] = [
  {
    name: 'github',
    what: 'a workflow for GitHub Actions',
    write: githubPipeline,
    flags: [REPOSITORY, ...PLACE],
  },
  {
    name: 'gitlab',
    what: 'a pipeline for GitLab CI/CD',
    write: gitlabPipeline,
    flags: [REPOSITORY, ...PLACE],
  },
  {
    name: 'codepipeline',
    what: 'a buildspec for AWS CodeBuild, and a pipeline to paste into a CDK stack',
    write: codePipeline,
    flags: [REPOSITORY], // its Region and roles are in its stack
  },
];

/** `init github`, `init gitlab`, `init codepipeline`, `init dockerfile`. */
export function addInit(program: Command, cli: Cli): void {
  const init = program.command('init').description('write files to start from, which pass their own checks');
  for (const pipeline of PIPELINES) addPipeline(init, pipeline, cli);
  init
    .command('dockerfile')
    .description(
      'write a Dockerfile that runs as a non-root user and pins its base images by digest, and a .dockerignore',
    )
    .requiredOption('--language <name>', 'node, python, go or java')
    .option(
      '--base <image>',
      'image to run on: name:tag@sha256:…, or name:tag, whose digest is looked up in its registry',
    )
    .option('--build-base <image>', 'image to build with')
    .option('--force', 'overwrite the files that are there')
    .action(async (options: InitDockerfileOptions) =>
      (await import('../init/dockerfile.js')).initDockerfile(options, cli),
    );
}

interface PipelineFlags extends Omit<PipelineOptions, 'policy'> {
  readonly force?: boolean;
}

function addPipeline(init: Command, { name, what, write, flags }: InitPipeline, cli: Cli): void {
  const command = init
    .command(name)
    .description(`write ${what}: build, scan, push, wait for trust, deploy`)
    .option('--force', 'overwrite the file that is there')
    .action(async ({ force = false, ...given }: PipelineFlags) => {
      const policy = existsSync(join(cli.cwd, POLICY_FILE)) ? POLICY_FILE : undefined;
      const { file, next, snippet } = write({ ...checkedOptions(given), policy });
      await writeGenerated(cli.cwd, file, { force });
      cli.out.note(`wrote ${file.path}; before it runs:`);
      for (const step of next) cli.out.note(`- ${step}`);
      if (snippet !== undefined) cli.out.print(snippet.trimEnd());
    });
  for (const [flag, description] of flags) {
    command.option(flag, `${description} (default: a variable of the pipeline)`);
  }
}
