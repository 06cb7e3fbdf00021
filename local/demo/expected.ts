import type { ZooName } from '../images/zoo/zoo';

export interface Expectation {
  readonly image: ZooName;
  readonly title: string;
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR';
}

/** The images of the demo, and their expected outcomes. */
export const EXPECTED: readonly Expectation[] = [
  { image: 'clean', title: 'nothing wrong', outcome: 'PASS' },
  { image: 'fixable-critical', title: 'a critical vulnerability that an upgrade fixes', outcome: 'FAIL' },
  { image: 'secret-deleted-later', title: 'a secret that a later layer deletes', outcome: 'FAIL' },
  { image: 'root', title: 'no user, so root', outcome: 'FAIL' },
  { image: 'alpine-eol', title: 'an operating system at the end of its life', outcome: 'FAIL' },
  { image: 'clean-and-vulnerable', title: 'an index: one image clean, one vulnerable', outcome: 'FAIL' },
  { image: 'decoy', title: 'an index whose decoy claims the vulnerable layer', outcome: 'ERROR' },
  { image: 'duplicate-diff-ids', title: 'two layers behind one diff_id', outcome: 'ERROR' },
  { image: 'helm-chart', title: 'a Helm chart, not an image', outcome: 'ERROR' },
];
