import type { Command } from 'commander';
import { initCommand } from './init';
import { initDockerfile, InitDockerfileOptions } from '../dockerfile/init-dockerfile';
import type { Cli } from '../shell/cli';

/** `init dockerfile`. What checks one is `scan --dockerfile`. */
export function addInitDockerfile(program: Command, cli: Cli): void {
  initCommand(program)
    .command('dockerfile')
    .description(
      'write a Dockerfile that runs as a non-root user and pins its base images by digest, and a .dockerignore',
    )
    .requiredOption('--language <name>', 'node, python, go or java')
    .option(
      '--base <image>',
      'image to run on: name:tag@sha256:…, or name:tag, whose digest crane or docker then asks for',
    )
    .option('--build-base <image>', 'image to build with')
    .option('--force', 'overwrite the files that are there')
    .action((options: InitDockerfileOptions) => initDockerfile(options, cli));
}
