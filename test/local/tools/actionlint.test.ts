import { ACTIONLINT } from '../../../local/tools/actionlint';

test('it knows its version, however it was built', () => {
  expect(
    ACTIONLINT.readVersion(
      '1.7.12\ninstalled by building from source\nbuilt with go1.26.8 compiler for linux/amd64\n',
    ),
  ).toBe(ACTIONLINT.version);
  expect(ACTIONLINT.readVersion('v1.7.12\ninstalled by downloading from release page\n')).toBe(
    ACTIONLINT.version,
  );
  expect(ACTIONLINT.source.package).toContain(`@v${ACTIONLINT.version}`);
});
