import type { Command } from 'commander';
import { addInit } from './init';
import { addScan } from './scan';
import { addStackCommands } from './stack';
import type { Cli } from '../shell/cli';

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
  addScan,
  addStackCommands,
  addInit,
];
