import { compilePurl, packageUrl } from '../../../src/core/text/purl';
import { problemWithPurl } from '../../../src/core/waivers/too-broad';

const TOO_BROAD =
  'which is too broad without an id; write out the name of the package, or at least its first 4 letters or digits before a star, or add the id';

describe('rule 5.6, limits: a package URL that no id stands beside', () => {
  test.each([
    ['pkg:npm/**', 'pkg:npm/lodash@4.17.20'],
    ['pkg:npm/%40**', 'pkg:npm/%40angular/core@17.0.0'],
    ['pkg:npm/%40*/*', 'pkg:npm/%40angular/core@17.0.0'],
    ['pkg:npm/%40babel/**', 'pkg:npm/%40babel/core@7.0.0'],
    ['pkg:npm/_*@*', 'pkg:npm/_x@1.0.0'],
    ['pkg:npm/-_.~*@*', 'pkg:npm/-_.~x@1.0.0'],
    ['pkg:deb/**/l**', 'pkg:deb/debian/libc6@2.41'],
    ['pkg:deb/**/lib*@*', 'pkg:deb/debian/libc6@2.41'],
    ['pkg:deb/debian/lib-*', 'pkg:deb/debian/lib-x@1'],
    ['pkg:deb/debian/*ssl*@*', 'pkg:deb/debian/openssl@3.0'],
    ['pkg:deb/debian/*@3.0', 'pkg:deb/debian/openssl@3.0'],
    ['pkg:deb/debian/%6C%69%62%63*', 'pkg:deb/debian/%6C%69%62%63@1'],
  ])('%s covers %s and nearly everything else, and is refused', (pattern, covered) => {
    expect(compilePurl(pattern, 'narrow').matches(packageUrl(covered, 'narrow'))).toBe(true);
    expect(problemWithPurl(pattern, 'alone')).toBe(TOO_BROAD);
    expect(problemWithPurl(pattern)).toBeUndefined(); // the id is what narrows it
  });

  test.each([
    ['pkg:npm/q@*', 'pkg:npm/q@1.5.1', 'pkg:npm/qs@6.0.0'],
    ['pkg:npm/_@*', 'pkg:npm/_@1.0.0', 'pkg:npm/_x@1.0.0'],
    ['pkg:npm/%40angular/core@*', 'pkg:npm/%40angular/core@17.0.0', 'pkg:npm/%40angular/router@17.0.0'],
    ['pkg:npm/%40angular**', 'pkg:npm/%40angular/core@17.0.0', 'pkg:npm/%40babel/core@7.0.0'],
    ['pkg:npm/**/core@*', 'pkg:npm/%40angular/core@17.0.0', 'pkg:npm/lodash@4.17.20'],
    ['pkg:deb/**/libc6@*', 'pkg:deb/debian/libc6@2.41', 'pkg:deb/debian/libc-bin@2.41'],
    ['pkg:deb/debian/libssl*@*', 'pkg:deb/debian/libssl3@3.0', 'pkg:deb/debian/libc6@2.41'],
    ['pkg:deb/debian/gcc-1*', 'pkg:deb/debian/gcc-14@14.2', 'pkg:deb/debian/gcc-9@9.3'],
  ])('%s names %s and not %s, and is taken', (pattern, covered, other) => {
    expect(
      [covered, other].map(purl => compilePurl(pattern, 'narrow').matches(packageUrl(purl, 'narrow'))),
    ).toEqual([true, false]);
    expect(problemWithPurl(pattern, 'alone')).toBeUndefined();
  });
});
