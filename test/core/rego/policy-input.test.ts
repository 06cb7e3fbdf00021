import * as fc from 'fast-check';
import { recorded } from './support';
import { operatingSystem } from '../../../src/core/rego/policy-input';

test.each([
  ['alpine', '3.14.2', '3.14'],
  ['alpine', '3.24.0', '3.24'],
  ['alpine', 'edge', 'edge'],
  ['azurelinux', '3.0.20250102', '3.0'],
  ['cbl-mariner', '1.0.20210127', '1.0'],
  ['debian', '13.1', '13'],
  ['debian', '12', '12'],
  ['redhat', '8.10', '8'],
  ['centos', '7.9.2009', '7'],
  ['alma', '9.4', '9'],
  ['rocky', '9.4', '9'],
  ['oracle', '8.9', '8'],
  ['amazon', '2 (Karoo)', '2'],
  ['amazon', '2023.5.20240805 (Amazon Linux)', '2023'],
  ['amazon', 'AMI release 2018.03', '1'],
  ['ubuntu', '22.04', '22.04'],
  ['ubuntu', '16.04-ESM', '16.04-ESM'],
  ['sles', '15.5', '15.5'],
  ['opensuse-tumbleweed', '20240101', '20240101'],
  ['photon', '5.0', '5.0'],
  ['wolfi', '20230201', '20230201'],
  ['none that is known', '1.2.3', '1.2.3'],
])('of %s %s the release is %s', (Family, Name, Version) => {
  expect(operatingSystem({ Family, Name })).toEqual({ Family, Name, Version });
});

test.each([
  ['alpine-eol', '3.11'],
  ['clean', '13'],
  ['unknown-os-release', '3.24'],
])('of the report %s the release is %s', (name, version) => {
  const { Metadata } = JSON.parse(Buffer.from(recorded(name)).toString()) as { Metadata: { OS: unknown } };
  expect(operatingSystem(Metadata.OS)).toMatchObject({ Version: version });
});

test.each([
  undefined,
  null,
  'alpine',
  [],
  {},
  { Family: 'alpine' },
  { Family: 'alpine', Name: 3.14 },
  { Family: null, Name: '3.14' },
])('%j names no system', metadataOs => {
  expect(operatingSystem(metadataOs)).toBeUndefined();
});

test("the version is the beginning of the name, but for Amazon's first", () => {
  fc.assert(
    fc.property(fc.constantFrom('alpine', 'debian', 'ubuntu', 'photon', 'x'), fc.string(), (Family, Name) => {
      expect(Name.startsWith(operatingSystem({ Family, Name })!.Version)).toBe(true);
    }),
  );
});
