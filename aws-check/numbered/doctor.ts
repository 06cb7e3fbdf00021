import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { didNotHold, held, type Answer, type Numbered } from './numbered';
import { cloudEnvironment } from '../../local/cloud/description';
import { STACK } from '../../local/quickstart';
import type { Check } from '../check';

const BUNDLE = join(__dirname, '..', '..', 'assets', 'cli', 'trusted-images.js');

export const DOCTOR: readonly Numbered[] = [
  {
    number: 30,
    title: '`doctor`',
    parts: [
      { what: 'it can read all that it looks at', run: examined },
      {
        what: 'the words in which a service names a missing right',
        cannot: 'it needs a role without each of the rights; doctor then shows the words of AWS on its line',
      },
    ],
  },
];

/** What it finds is no matter here: the stack has no subscriber, for one. */
function examined({ cloud }: Check): Promise<Answer> {
  const { stdout, stderr } = spawnSync(process.execPath, [BUNDLE, 'doctor', '--json', '--stack', STACK], {
    env: { ...process.env, ...cloudEnvironment(cloud) },
    encoding: 'utf8',
  });
  return Promise.resolve(answerOf(stdout, stderr));
}

function answerOf(stdout: string, stderr: string): Answer {
  let lines: { readonly state: string; readonly what: string }[];
  try {
    lines = JSON.parse(stdout) as typeof lines;
  } catch {
    return didNotHold(`doctor wrote no lines: ${stderr}`);
  }
  const unread = lines.filter(({ state }) => state === 'unknown').map(({ what }) => what);
  return unread.length === 0
    ? held(`all ${lines.length} checks were made`, lines)
    : didNotHold(`these were not: ${unread.join(', ')}`, lines);
}
