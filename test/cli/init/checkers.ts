import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './generated';
import { ensureActionlint } from '../../../local/tools/actionlint';
import { Finished, run } from '../../../local/tools/command';
import { ensurePipelineCheckers } from '../../../local/tools/zizmor';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** What is wrong with a workflow, by every checker there is; empty if nothing. */
export async function problemsOfWorkflow(path: string): Promise<string[]> {
  const { zizmor, validate } = await ensurePipelineCheckers(say);
  const answers = [await actionlint(path), await zizmor(path), await validate('github-workflows', path)];
  return answers.filter(({ code }) => code !== 0).map(({ stdout, stderr }) => `${stdout}${stderr}`);
}

export async function problemsOfGitlab(path: string): Promise<string[]> {
  const { validate } = await ensurePipelineCheckers(say);
  const { code, stdout, stderr } = await validate('gitlab-ci', path);
  return code === 0 ? [] : [`${stdout}${stderr}`];
}

/**
 * In a repository without a configuration, and without programs that one machine has and another one lacks.
 */
async function actionlint(path: string): Promise<Finished> {
  const cwd = newFolder();
  mkdirSync(join(cwd, '.git'));
  return run(await ensureActionlint(say), ['-no-color', '-shellcheck=', '-pyflakes=', path], { cwd });
}
