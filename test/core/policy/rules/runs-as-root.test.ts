import * as fc from 'fast-check';
import { check, complaints } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

function asUser(user: unknown): string[] {
  const raw = rawReport('clean');
  raw.Metadata.ImageConfig.config = user === undefined ? {} : { User: user };
  return complaints(check('runs-as-root', ruleInput('clean', { report: parsed(raw) })));
}

describe('runs-as-root', () => {
  test.each(['65532', '65532:65532', '1', '1000:0', 'app', 'app:app', '_apt', 'nobody', 'www-data', 'a.b', 'root2', 'rooted:root'])('passes USER %s', user => {
    expect(asUser(user)).toEqual([]);
  });

  test.each([undefined, '', '0', '0:0', '0:65532', '00', '000:1', '+0', '-0', '0x0', 'root', 'root:root', 'root:1000', ':', ':1000', ' ', ' 1000', '1000 ', '1000\n', '０', '٠', '-1', '1e3', '1.5', '$USER', 'app user', '\u0000', '1000\u0000'])('fails USER %j', user => {
    expect(asUser(user)).toHaveLength(1);
  });

  test.each(['root', 'root-without-history'])('fails %s by its config, whatever its history says', name => {
    expect(complaints(check('runs-as-root', ruleInput(name)))).toEqual(['the image names no user, so it runs as root']);
  });

  test('fails an image without any config', () => {
    const raw = rawReport('clean');
    delete raw.Metadata.ImageConfig.config;
    expect(complaints(check('runs-as-root', ruleInput('clean', { report: parsed(raw) })))).toHaveLength(1);
  });

  test('whatever passes is a number from 1 on, or a name that is not root', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+-]?0*[0-9a-z]{0,3}(:[0-9]*)?$/)), user => {
      if (asUser(user).length > 0) return;
      const [name] = user.split(':');
      expect(name === 'root' || Number(name) === 0).toBe(false);
    }), { numRuns: 300 });
  });
});
