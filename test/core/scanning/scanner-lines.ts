import type { ScannerSign } from '../../../src/core/scanning/scanner-signs';

const AT = '2026-11-25T01:58:44Z';
/** Lines of Trivy, and the sign that each of them is, if any. */
export const LINES: readonly (readonly [string, ScannerSign | undefined])[] = [
  [`${AT}\tINFO\tDetected OS\tfamily="debian" version="13.1"`, 'system'],
  ['2026-11-25T01:58:44+01:00\tINFO\tDetected OS\tfamily="debian" version="13.1"', 'system'],
  [`${AT}\tWARN\tThis OS version is not on the EOL list\tfamily="alpine" version="3.24"`, 'noCalendar'],
  [`${AT}\tWARN\tUnsupported os\tfamily="none"`, 'noAdvisories'],
  [
    `${AT}\tWARN\t[alpine] Mixing Alpine versions is unsupported\tos="3.22" repository="9.99"`,
    'otherRelease',
  ],
  [
    `${AT}\tWARN\tVersion matching error\terr="python version error (2004b-x): malformed version: 2004b-x"`,
    'uncomparedVersion',
  ],
  [
    `${AT}\tWARN\tVersion matching error\terr="version error (${'9'.repeat(300)}): malformed version"`,
    'uncomparedVersion',
  ],
  [
    `${AT}\tWARN\tVersion matching error\terr="constraint error (1.0): improper constraint: <1.0.x"`,
    undefined,
  ],
  [
    `${AT}\tWARN\tThis OS version is no longer supported by the distribution\tfamily="alpine" version="3.11.2"`,
    undefined,
  ],
  [
    `${AT}\tWARN\t[secret] The size of the scanned file is too large.\tfile_path="srv/This OS version is not on the EOL list.txt"`,
    undefined,
  ],
  [`${AT}\tWARN\tInvalid file\tpath="INFO\\tDetected OS\\t"`, undefined],
  [`${AT}\tINFO\t[debian] Detecting vulnerabilities...\tx=Unsupported os\t`, undefined],
  ['This OS version is not on the EOL list', undefined],
];
