import { type PurlCase, purlPairs, purlSpec } from './purl-spec';

/** Some of purl-spec's own cases, in its form. */
function validates(input: string, output: string): PurlCase {
  return {
    description: 'Roundtrip an input purl to canonical.',
    test_type: 'validate',
    input,
    expected_output: output,
    expected_failure: false,
  };
}

function refuses(input: string): PurlCase {
  return {
    description: 'Should fail to parse',
    test_type: 'parse',
    input,
    expected_output: null,
    expected_failure: true,
  };
}

const CREDIT_FRAUD = {
  type: 'mlflow',
  namespace: null,
  name: 'creditfraud',
  version: '3',
  qualifiers: { repository_url: 'https://adb-5245952564735461.0.azuredatabricks.net/api/2.0/mlflow' },
  subpath: null,
};

const AGREED: readonly PurlCase[] = [
  validates('pkg:PYPI/Django_package@1.11.1.dev1', 'pkg:pypi/django-package@1.11.1.dev1'),
  validates(
    'pkg:GOLANG/google.golang.org/genproto#/googleapis/api/annotations/',
    'pkg:golang/google.golang.org/genproto#googleapis/api/annotations',
  ),
  validates(
    'pkg:npm/@babel/core#/googleapis/api/annotations/',
    'pkg:npm/%40babel/core#googleapis/api/annotations',
  ),
  validates(
    'pkg:oci/debian@sha256%3A244fd47e07d10?repository_url=docker.io/library/debian&arch=amd64&tag=latest',
    'pkg:oci/debian@sha256:244fd47e07d10?arch=amd64&repository_url=docker.io%2Flibrary%2Fdebian&tag=latest',
  ),
  validates(
    'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
    'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
  ),
  {
    description: 'MLflow model tracked in Azure Databricks (case insensitive)',
    test_type: 'parse',
    input:
      'pkg:mlflow/CreditFraud@3?repository_url=https://adb-5245952564735461.0.azuredatabricks.net/api/2.0/mlflow',
    expected_output: CREDIT_FRAUD,
    expected_failure: false,
  },
  {
    description: 'MLflow model tracked in Azure Databricks (case insensitive)',
    test_type: 'build',
    input: CREDIT_FRAUD,
    expected_output:
      'pkg:mlflow/creditfraud@3?repository_url=https:%2F%2Fadb-5245952564735461.0.azuredatabricks.net%2Fapi%2F2.0%2Fmlflow',
    expected_failure: false,
  },
  refuses('EnterpriseLibrary.Common@6.0.1304'),
  refuses('pkg:EnterpriseLibrary.Common@6.0.1304'),
  refuses('pkg:3nginx/nginx@0.8.9'),
  refuses('pkg:maven/@1.3.4'),
  refuses('pkg:npm/myartifact@1.0.0?in%20production=true'),
  refuses('pkg:gem/jruby-launcher@1.1.2?Platform=java'),
];

test("purl-spec's cases are run, and what differs is told", () => {
  expect(purlSpec(AGREED)).toEqual({ cases: AGREED.length, disagreements: [] });
  expect(purlSpec([validates('pkg:npm/a@1', 'pkg:npm/b@1'), refuses('pkg:npm/a@1')])).toEqual({
    cases: 2,
    disagreements: [
      {
        name: expect.stringContaining('pkg:npm/a@1'),
        said: 'pkg:npm/a@1 does not match pkg:npm/b@1 (narrow)',
      },
      { name: expect.stringContaining('pkg:npm/a@1'), said: 'not a package URL, and a waiver may name it' },
    ],
  });
});

test("purl-spec's packages are told from each other", () => {
  expect(purlPairs(AGREED)).toEqual({ cases: 6 * 5, disagreements: [] });
  const wide = [validates('pkg:npm/*@1', 'pkg:npm/*@1'), validates('pkg:npm/a@1', 'pkg:npm/a@1')];
  expect(purlPairs(wide)).toMatchObject({ cases: 2, disagreements: [{}] });
});
