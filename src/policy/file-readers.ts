/* eslint-disable @typescript-eslint/no-require-imports */
import type * as policyFile from '../core/policy/policy-file';
import type * as yamlText from '../core/text/yaml-text';
import type * as openVex from '../core/waivers/open-vex';
import type * as readWaivers from '../core/waivers/read-waivers';
import type * as trivyIgnore from '../core/waivers/trivy-ignore';

/**
 * What reads policy files and waivers, and writes YAML. Each is loaded when it is first used: most apps
 * need none, and need not load YAML to be synthesised.
 */
export const fileReaders = {
  policyFile: () => require('../core/policy/policy-file') as typeof policyFile,
  waivers: () => require('../core/waivers/read-waivers') as typeof readWaivers,
  trivyIgnore: () => require('../core/waivers/trivy-ignore') as typeof trivyIgnore,
  openVex: () => require('../core/waivers/open-vex') as typeof openVex,
  yaml: () => require('../core/text/yaml-text') as typeof yamlText,
};
