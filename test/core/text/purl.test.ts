import { compilePurl } from '../../../src/core/text/purl';

const BASH = 'pkg:deb/debian/bash@5.2.37-2?arch=amd64&distro=debian-13.1';

test.each([
  [
    'the version of every architecture',
    'pkg:deb/debian/bash@5.2.37-2',
    BASH,
    'pkg:deb/debian/bash@5.2.37-20?arch=amd64',
  ],
  ['every version', 'pkg:deb/debian/bash@*', BASH, 'pkg:deb/debian/bash-completion@5.2.37-2'],
  ['some versions', 'pkg:deb/debian/bash@5.2.*', BASH, 'pkg:deb/debian/bash@5.3.0'],
  ['some packages', 'pkg:deb/debian/lib*@*', 'pkg:deb/debian/libc6@2.41', BASH],
  ['some packages, whatever the version', 'pkg:deb/debian/lib*', 'pkg:deb/debian/libc6@2.41', BASH],
  [
    'one architecture',
    'pkg:deb/debian/bash@*?arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?arch=arm64&distro=debian-13.1',
  ],
  [
    'one distribution',
    'pkg:deb/debian/bash@*?distro=debian-13*',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?arch=amd64&distro=debian-12.1',
  ],
  [
    'both, in any order',
    'pkg:deb/debian/bash@*?distro=debian-13.1&arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?arch=amd64',
  ],
  [
    'a qualifier that must be there',
    'pkg:deb/debian/bash@*?arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2',
  ],
  [
    'another qualifier that ends alike',
    'pkg:deb/debian/bash@*?arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?xarch=amd64',
  ],
  [
    'what is escaped in one and not in the other',
    'pkg:deb/debian/base-files@13.8+deb13u1',
    'pkg:deb/debian/base-files@13.8%2Bdeb13u1?arch=amd64',
    BASH,
  ],
  ['a scope', 'pkg:npm/%40angular/core@*', 'pkg:npm/%40angular/core@17.0.0', 'pkg:npm/angular/core@17.0.0'],
  [
    'one segment',
    'pkg:golang/golang.org/x/*@*',
    'pkg:golang/golang.org/x/net@0.1.0',
    'pkg:golang/golang.org/x/tools/gopls@0.1.0',
  ],
  [
    'many segments',
    'pkg:golang/golang.org/**',
    'pkg:golang/golang.org/x/tools/gopls@0.1.0',
    'pkg:golang/golang.com/x/net@0.1.0',
  ],
  ['a subpath', 'pkg:golang/a/b@1#cmd', 'pkg:golang/a/b@1#cmd', 'pkg:golang/a/b@1'],
  ['no subpath', 'pkg:golang/a/b@1', 'pkg:golang/a/b@1', 'pkg:golang/a/b@1#cmd'],
])('%s: %s covers %s and not %s', (_, pattern, yes, no) => {
  expect(compilePurl(pattern).matches(yes)).toBe(true);
  expect(compilePurl(pattern).matches(no)).toBe(false);
});

test('an escaped slash makes no segment', () => {
  expect(compilePurl('pkg:npm/a/b@1').matches('pkg:npm/a%2Fb@1')).toBe(false);
});

test('an invalid escape is read literally', () => {
  expect(compilePurl('pkg:npm/a@1%').matches('pkg:npm/a@1%')).toBe(true);
});
