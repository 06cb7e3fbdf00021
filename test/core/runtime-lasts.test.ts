import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  daysUntilDeprecated,
  FUNCTION_RUNTIME,
  NODE_MAJOR,
  RUNTIME_NOTICE_DAYS,
} from '../../src/core/function-runtime';

const ROOT = join(__dirname, '..', '..');

/**
 * The one test that is there to fail on a day: the run 400 days ahead leaves this file out (nightly.ts says
 * so). When it fails, name the next runtime in src/core/function-runtime.ts, with its days and their source.
 */
test(`another runtime is named ${RUNTIME_NOTICE_DAYS} days before Lambda deprecates this one`, () => {
  expect(daysUntilDeprecated(FUNCTION_RUNTIME, new Date())).toBeGreaterThan(RUNTIME_NOTICE_DAYS);
});

test('every function has that runtime, and every bundle its syntax', () => {
  const functions = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('-function.ts'),
  );
  const named = functions.map(file => readFileSync(join(ROOT, 'src', file), 'utf8').match(/nodejs\d+\.x/g));
  expect(named).toEqual(functions.map(() => [FUNCTION_RUNTIME]));

  const tasks = readFileSync(join(ROOT, '.projen', 'tasks.json'), 'utf8');
  const targets = tasks.match(/--target=node\d+/g);
  expect(targets).toEqual(targets!.map(() => `--target=node${NODE_MAJOR}`));
});

test('the package asks for that release of Node or a newer one, since its end is the same day', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(engines).toEqual({ node: `>= ${NODE_MAJOR}.0.0` });
});
