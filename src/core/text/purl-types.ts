/** Text as it is compared. */
export type Fold = (text: string) => string;

/** How the parts of a package URL of one type are compared. */
export interface PurlType {
  readonly namespace: Fold;
  readonly name: Fold;
  readonly version: Fold;
  readonly qualifiers: Fold;
  readonly subpath: Fold;
}

/**
 * `narrow`: two URLs are the same package if purl-spec says so, and Trivy as well. `wide`: also if they could
 * be.
 */
export type Comparison = 'narrow' | 'wide';

const asIs: Fold = text => text;
const lower: Fold = text => text.toLowerCase();
const EXACT: PurlType = { namespace: asIs, name: asIs, version: asIs, qualifiers: asIs, subpath: asIs };
const ANY_CASE: PurlType = { ...EXACT, namespace: lower, name: lower };
const ANY_CASE_OF_VENDOR: PurlType = { ...EXACT, namespace: lower };
const LOWER: PurlType = {
  namespace: lower,
  name: lower,
  version: lower,
  qualifiers: lower,
  subpath: lower,
};

/**
 * What purl-spec says of each type (https://github.com/package-url/purl-spec/tree/main/types), and Trivy does.
 * purl-spec says both that golang is case-sensitive and that it shall be lower case; Trivy writes lower case.
 * Trivy tells upper from lower case in names of composer, deb and hex and in versions of pypi, and `-` from
 * `_` in names of pub.
 */
const NARROW: ReadonlyMap<string, PurlType> = new Map([
  ...['alpm', 'apk', 'bitbucket', 'bitnami', 'brew', 'chrome-extension', 'github', 'golang', 'luarocks'].map(
    (type): [string, PurlType] => [type, ANY_CASE],
  ),
  ...['deb', 'qpkg', 'rpm', 'yocto'].map((type): [string, PurlType] => [type, ANY_CASE_OF_VENDOR]),
  ['cpan', { ...EXACT, namespace: text => text.toUpperCase() }],
  ['huggingface', { ...EXACT, version: lower }],
  ['oci', { ...ANY_CASE, version: lower }],
  ['otp', { ...EXACT, name: lower, subpath: lower }],
  ['pypi', { ...EXACT, name: text => text.toLowerCase().replace(/_/g, '-') }],
  ['vscode-extension', { ...ANY_CASE, version: lower }],
]);

/**
 * PyPI itself takes any run of `-`, `_` and `.` for the same
 * (https://peps.python.org/pep-0503/#normalized-names).
 */
const WIDE: ReadonlyMap<string, PurlType> = new Map([
  ['pub', { ...LOWER, name: text => text.toLowerCase().replace(/[^a-z0-9]/g, '_') }],
  ['pypi', { ...LOWER, name: text => text.toLowerCase().replace(/[-_.]+/g, '-') }],
]);

/**
 * `qualifiers`: as they are written. Databricks does not tell upper from lower case, other servers of MLflow
 * do.
 */
export function purlType(type: string, qualifiers: string, comparison: Comparison): PurlType {
  if (comparison === 'wide') return WIDE.get(type) ?? LOWER;
  if (type === 'mlflow' && qualifiers.includes('databricks')) return ANY_CASE;
  return NARROW.get(type) ?? EXACT;
}

/**
 * Whether packages of a type have a namespace, as purl-spec says. Undefined: some have one. It requires one
 * of golang too, but the standard library (`pkg:golang/stdlib` in Trivy) and modules of one word have none.
 */
export function namespaceOf(type: string): 'required' | 'prohibited' | undefined {
  if (NAMESPACE.required.has(type)) return 'required';
  return NAMESPACE.prohibited.has(type) ? 'prohibited' : undefined;
}

const NAMESPACE = {
  required: new Set([
    'alpm',
    'apk',
    'bitbucket',
    'composer',
    'deb',
    'git',
    'github',
    'huggingface',
    'maven',
    'qpkg',
    'rpm',
    'swift',
    'vscode-extension',
  ]),
  prohibited: new Set([
    'bazel',
    'bitnami',
    'cargo',
    'chrome-extension',
    'cocoapods',
    'conda',
    'cran',
    'gem',
    'hackage',
    'julia',
    'mlflow',
    'nuget',
    'oci',
    'opam',
    'otp',
    'pub',
    'pypi',
    'vcpkg',
  ]),
};
