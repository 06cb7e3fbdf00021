import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenReports, TRIVY } from './golden-reports';
import { validator } from './json-schema';
import type { Suite } from './suite';
import { VERSIONS } from '../../local/tools/versions';
import { normalise } from '../../src/core/scanning/normalise';
import { readTrivyReport } from '../../src/core/scanning/read-trivy-report';
import { toSarif } from '../../src/core/scanning/sarif';

const SCHEMA = 'npm:@microsoft/jest-sarif';

/** What is written of each of Trivy's reports is valid. */
export const sarif: Suite = {
  name: 'sarif',
  about: "SARIF that is written of each of Trivy's reports",
  authority: 'the schema of SARIF 2.1.0 by OASIS',
  packages: [TRIVY, SCHEMA],
  run: async folders => {
    const file = join(folders(SCHEMA), 'lib', 'schemas', 'sarif-2.1.0-rtm.5.json');
    const whyInvalid = validator(JSON.parse(readFileSync(file, 'utf8')) as object);
    const read = goldenReports(folders(TRIVY)).flatMap(({ name, bytes }) => {
      const report = readTrivyReport(bytes);
      return report.ok ? [{ name, findings: normalise(report.value) }] : [];
    });
    return {
      cases: read.length,
      disagreements: read.flatMap(({ name, findings }) => {
        const written: unknown = JSON.parse(JSON.stringify(toSarif(findings, { version: VERSIONS.trivy })));
        const said = whyInvalid(written);
        return said === undefined ? [] : [{ name, said }];
      }),
    };
  },
};
