import { estimate, estimateText, secondAppText } from '../../aws-check/cost';
import { readOptions } from '../../aws-check/options';
import { SUITES, type SuiteName } from '../../aws-check/suites';

const read = (...args: string[]) => readOptions(args, '/here');

test('a profile, or an endpoint: the account of the environment is never taken', () => {
  expect(read('--profile', 'sandbox')).toMatchObject({ mode: 'start', profile: 'sandbox', yes: false });
  expect(read('--endpoint', 'http://127.0.0.1:4566', '--yes')).toMatchObject({ yes: true, folder: '/here' });
  expect(() => read('--yes')).toThrow('no --profile is given: name the profile of the account to check');
  expect(() => read('--profile', 'a', '--endpoint', 'http://127.0.0.1')).toThrow('allowed: one of them');
  expect(() => read('--endpoint', 'here')).toThrow('--endpoint is "here", allowed: a URL');
});

test('--resume and --clean take everything from the state', () => {
  expect(read('--resume')).toMatchObject({ mode: 'resume' });
  expect(read('--clean')).toMatchObject({ mode: 'clean' });
  expect(() => read('--resume', '--clean')).toThrow('--resume and --clean are given, allowed: one of them');
});

test('suites: those that fit into half an hour, or those that are named, in their order', () => {
  expect(read('--profile', 'a').suites).not.toContain('polyglots');
  expect(read('--profile', 'a', '--suites', 'roles,failures').suites).toEqual(['failures', 'roles']);
  expect(() => read('--profile', 'a', '--suites', 'rolls')).toThrow(
    '--suites has "rolls", allowed: push-to-',
  );
});

test('the second app is deployed only if it is asked for, and is in the price', () => {
  expect(read('--profile', 'a').secondApp).toBe(false);
  expect(read('--profile', 'a', '--second-app').secondApp).toBe(true);
  expect(estimate([], true).builds).toBeGreaterThan(estimate([]).builds);
  expect(estimate([], true).dollars).toBeGreaterThan(estimate([]).dollars);
  expect(secondAppText()).toMatch(/asks about one stack of the check and no other\..*\n$/);
});

test('each suite that is added costs more, and the estimate says of what', () => {
  const names = Object.keys(SUITES) as SuiteName[];
  const costs = names.map((_, at) => estimate(names.slice(0, at)).dollars);
  expect([...costs].sort((a, b) => a - b)).toEqual(costs);
  expect(estimate([])).toMatchObject({ builds: 12, minutes: 20 });
  expect(estimateText(estimate(names))).toMatch(
    /^about \d\.\d\d US dollars and \d+ minutes: \d+ builds of 2 minutes/,
  );
});
