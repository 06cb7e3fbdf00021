import type { Command } from 'commander';
import type { Cli } from '../cli';

/** Every command there is, in the order in which help lists them. */
export const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
];
