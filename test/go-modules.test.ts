import { join } from 'node:path';
import { run } from '../local/tools/command';

jest.setTimeout(30 * 60_000); // a first run compiles all that they are linked with

/**
 * With the client of registries, as builds have it. The module `normal-form/differential` needs root and a
 * corpus: test/normal-form runs its tests.
 */
test.each(['normal-form', 'rego', 'buildkit'])(
  'what is written in Go passes its own tests: %s',
  async folder => {
    const { code, stdout, stderr } = await run('go', ['test', '-tags=registry', './...'], {
      cwd: join(__dirname, '..', folder),
    });
    const failed = stdout.split('\n').filter(line => !/^(?:ok|\?) /.test(line));
    // on its error output, Go also says what it downloads
    expect({ code, failed: failed.join('\n'), said: code === 0 ? '' : stderr }).toEqual({
      code: 0,
      failed: '',
      said: '',
    });
  },
);
