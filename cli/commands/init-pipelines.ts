import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { initCommand } from './init';
import { codePipeline } from '../init/codepipeline';
import { githubPipeline } from '../init/github';
import { gitlabPipeline } from '../init/gitlab';
import type { Pipeline } from '../init/pipeline';
import { checkedOptions, type PipelineOptions } from '../init/pipeline-options';
import { writeGenerated } from '../init/write-file';
import type { Cli } from '../shell/cli';

const POLICY_FILE = 'trusted-images.yaml';

interface Flags extends Omit<PipelineOptions, 'policy'> {
  readonly force?: boolean;
}

const REPOSITORY = ['--repository <name>', 'repository in Amazon ECR'] as const;
const PLACE = [
  ['--region <region>', 'AWS Region of the repository'],
  ['--role-arn <arn>', 'role that pushes and deploys'],
  ['--stack <name>', 'stack that has the ImageTrust'],
] as const;

/** `init github`, `init gitlab`, `init codepipeline`. */
export function addInitPipelines(program: Command, cli: Cli): void {
  addPipeline(program, cli, 'github', 'a workflow for GitHub Actions', githubPipeline, [
    REPOSITORY,
    ...PLACE,
  ]);
  addPipeline(program, cli, 'gitlab', 'a pipeline for GitLab CI/CD', gitlabPipeline, [REPOSITORY, ...PLACE]);
  // where it runs, and with which role, is in its stack
  addPipeline(
    program,
    cli,
    'codepipeline',
    'a buildspec for AWS CodeBuild, and a pipeline to paste into a CDK stack',
    codePipeline,
    [REPOSITORY],
  );
}

type Flag = readonly [flag: string, what: string];

function addPipeline(
  program: Command,
  cli: Cli,
  name: string,
  what: string,
  write: (options: PipelineOptions) => Pipeline,
  flags: readonly Flag[],
): void {
  const command = initCommand(program)
    .command(name)
    .description(`write ${what}: build, scan, push, wait for trust, deploy`)
    .option('--force', 'overwrite the file that is there')
    .action(async ({ force = false, ...given }: Flags) => {
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
