import type { Rule } from '../rule';
import { coverage } from './coverage';
import { databaseAge } from './database-age';
import { endOfLifeOs } from './end-of-life-os';
import { runsAsRoot } from './runs-as-root';
import { secrets } from './secrets';
import { unsearchedLayers } from './unsearched-layers';
import { vulnerabilities } from './vulnerabilities';

/** Every rule there is, by its name in a policy document. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  [coverage, databaseAge, endOfLifeOs, runsAsRoot, secrets, unsearchedLayers, vulnerabilities].map(rule => [rule.name, rule]),
);
