import type { Check } from './check';
import { tiedTo } from './children';
import { runNumbered } from './numbered/run-numbered';
import { listenToEverything } from './overheard';
import { preflight } from './preflight';
import { pushEveryKind } from './pushes';
import { requireQuotas } from './quotas';
import { runSuites } from './run-suite';
import { trySecondApp } from './second-app/deploy';
import { bootstrap, cdk } from '../local/cloud/cdk';
import { QUICKSTART, STACK, WITH_BREAK_GLASS } from '../local/quickstart';

/** Each can be run again after it was interrupted. */
export interface Step {
  readonly name: string;
  run(check: Check): Promise<void>;
}

/** What happens before everything is removed. */
export const STEPS: readonly Step[] = [
  { name: 'nothing in the way', run: preflight },
  { name: 'quotas', run: requireQuotas },
  { name: 'bootstrap', run: check => bootstrap(check.cloud, { environment: tiedTo(process.pid) }) },
  { name: 'quickstart', run: deployQuickstart },
  { name: 'listen', run: listenToEverything },
  { name: 'pushes', run: pushEveryKind },
  { name: 'tests', run: runSuites },
  { name: 'second app', run: trySecondApp },
  { name: 'numbered checks', run: runNumbered },
];

async function deployQuickstart({ cloud, say }: Check): Promise<void> {
  await cdk(cloud, ['deploy', STACK, WITH_BREAK_GLASS, '--require-approval=never', '--progress=events'], {
    cwd: QUICKSTART,
    environment: tiedTo(process.pid),
    say: line => {
      if (/CREATE_FAILED|ROLLBACK|❌/.test(line)) say(line);
    },
  });
}
