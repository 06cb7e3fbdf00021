import { check } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

const PASSES = { complaints: [] };
const failure = (detail: RegExp) => ({ failure: { cause: 'NOT_COVERED', detail: expect.stringMatching(detail) } });

/** A report without its operating system. */
function onlyLanguages(change: (results: any[]) => any[] = results => results) {
  const raw = rawReport('fixable-critical');
  delete raw.Metadata.OS;
  return parsed({ ...raw, Results: change(raw.Results.filter((result: any) => result.Class !== 'os-pkgs')) });
}

describe('coverage: "no findings" means something', () => {
  test.each(['clean', 'fixable-critical', 'alpine-eol', 'root-without-history'])('passes %s', name => {
    expect(check('coverage', ruleInput(name))).toEqual(PASSES);
  });

  test('passes an image without an operating system, but with packages of a language', () => {
    expect(check('coverage', ruleInput('clean', { report: onlyLanguages() }))).toEqual(PASSES);
  });

  test.each([
    ['unknown-os-release', /knows alpine 3\.24\.0/],
    ['no-packages', /debian 13\.1 but none of its packages/],
    ['scratch', /neither an operating system nor a package/],
  ])('cannot tell of %s', (name, detail) => {
    expect(check('coverage', ruleInput(name))).toEqual(failure(detail));
  });

  test('cannot tell where neither a system nor a package was found', () => {
    const report = onlyLanguages(results => results.filter(({ Class }) => Class === 'config'));
    expect(check('coverage', ruleInput('clean', { report }))).toEqual(failure(/nor a package/));
  });

  test('cannot tell of a report without results', () => {
    const { Results: _results, ...rest } = rawReport('clean');
    expect(check('coverage', ruleInput('clean', { report: parsed(rest) }))).toEqual(failure(/none of its packages/));
  });

  test('packages of a language do not stand for those of the operating system', () => {
    const raw = rawReport('fixable-critical');
    raw.Results = raw.Results.filter((result: any) => result.Class !== 'os-pkgs');
    expect(check('coverage', ruleInput('clean', { report: parsed(raw) }))).toEqual(failure(/none of its packages/));
  });

  test('the name of the operating system is a stranger\'s text', () => {
    const raw = rawReport('no-packages');
    raw.Metadata.OS.Name = '13\u001b[31m\n\u202e';
    expect(check('coverage', ruleInput('no-packages', { report: parsed(raw) }))).toEqual(failure(/^[^\p{Cc}\p{Cf}]+$/u));
  });
});
