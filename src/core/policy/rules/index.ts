import { allowedBaseImages } from './allowed-base-images';
import { coverage } from './coverage';
import { databaseAge } from './database-age';
import { deniedPackages } from './denied-packages';
import { endOfLifeOs } from './end-of-life-os';
import { exploitedVulnerabilities } from './exploited-vulnerabilities';
import { imageAge } from './image-age';
import { licenses } from './licenses';
import { misconfigurations } from './misconfigurations';
import { rego } from './rego';
import { requiredLabels } from './required-labels';
import type { Rule } from './rule';
import { runsAsRoot } from './runs-as-root';
import { secrets } from './secrets';
import { vulnerabilities } from './vulnerabilities';

const ALL: readonly Rule[] = [
  coverage,
  databaseAge,
  allowedBaseImages,
  deniedPackages,
  endOfLifeOs,
  exploitedVulnerabilities,
  imageAge,
  licenses,
  misconfigurations,
  rego,
  requiredLabels,
  runsAsRoot,
  secrets,
  vulnerabilities,
];

/** Every rule, by its name in a policy document. */
export const RULES: ReadonlyMap<string, Rule> = new Map(ALL.map(rule => [rule.name, rule]));
