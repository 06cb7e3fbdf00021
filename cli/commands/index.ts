import type { Command } from 'commander';
import { addInitDockerfile } from './dockerfile';
import { addExplain } from './explain';
import { addFindings } from './findings';
import { addInitPipelines } from './init-pipelines';
import { addRescan } from './rescan';
import { addScan } from './scan';
import { addStatus } from './status';
import { addVerify } from './verify';
import { addWaivers } from './waivers';
import type { Cli } from '../shell/cli';

/** Every command there is, in the order in which help lists them. */
export const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
  addScan,
  addVerify,
  addStatus,
  addFindings,
  addExplain,
  addWaivers,
  addRescan,
  addInitPipelines,
  addInitDockerfile,
];
