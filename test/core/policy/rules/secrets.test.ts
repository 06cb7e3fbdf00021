import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { storedImage } from '../../support/reports';

describe('secrets', () => {
  test.each(['clean', 'fixable-critical', 'root'])('passes %s', name => {
    expect(issues(check('secrets', ruleInput(name)))).toEqual([]);
  });

  test('fails secrets in files that a later layer deletes, of any severity', () => {
    expect(issues(check('secrets', ruleInput('secret-deleted-later')))).toEqual(
      [
        '/app/.env: AWS Access Key ID',
        '/app/.env: AWS Secret Access Key',
        '/root/.ssh/id_rsa: Asymmetric Private Key',
        '/tmp/token.txt: GitHub Personal Access Token',
      ].map(
        secret =>
          `secret in ${secret}, in the layer ${storedImage('secret-deleted-later').manifest.layers[0].digest}`,
      ),
    );
  });

  test("fails a secret in the image's environment", () => {
    expect(issues(check('secrets', ruleInput('canaries')))).toContainEqual(
      expect.stringMatching(/team\/app@sha256:.*GitHub Personal Access Token$/),
    );
  });

  test('says that deleting the file is not enough', () => {
    const outcome = check('secrets', ruleInput('secret-deleted-later'));
    expect('issues' in outcome && outcome.issues[0].remedy).toMatch(/every layer and revoke it/);
  });
});
