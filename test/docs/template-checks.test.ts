import { page, rowsOf } from './markdown';
import { ACCEPTED } from '../template-checks/accepted';

test('the page lists what is accepted of checkov and cfn-lint, with the same reasons', () => {
  const accepted = ACCEPTED.filter(({ rule }) => /CKV|W3005/.test(rule.source)).map(
    ({ rule, why }) => [rule.source.replace(/[$^]/g, ''), [why]] as const,
  );
  expect([...rowsOf(page('docs/template-checks.md'))]).toEqual(accepted);
});
