import type { Command } from 'commander';

/** The parent of all that `init` writes; made by whichever of them comes first. */
export function initCommand(program: Command): Command {
  return (
    (program.commands.find(command => command.name() === 'init') as Command | undefined) ??
    program.command('init').description('write files to start from, which pass their own checks')
  );
}
