import { admission } from './admission';
import { bundles } from './bundles';
import { cyclonedx } from './cyclonedx';
import { dockerfiles, randomFiles, secretNames } from './dockerfiles';
import { openvex } from './openvex';
import { references } from './references';
import { rego } from './rego';
import { sarif } from './sarif';
import { licences } from './spdx';
import type { Suite } from './suite';
import { trivyIgnore } from './trivy-ignore';
import { trivyReports } from './trivy-reports';
import { yaml } from './yaml';

/** A suite that is in this list runs every night, and has its row in docs/conformance.md. */
export const SUITES: readonly Suite[] = [
  references,
  trivyIgnore,
  trivyReports,
  sarif,
  cyclonedx,
  openvex,
  bundles,
  dockerfiles,
  randomFiles,
  secretNames,
  licences,
  yaml,
  rego,
  admission,
];
