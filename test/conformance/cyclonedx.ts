import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validator } from './json-schema';
import type { Suite } from './suite';
import type { NormalForm } from '../../src/core/scanning/normal-form';
import { reduceSbom } from '../../src/core/scanning/sbom';

const DOCUMENTS = 'go:github.com/CycloneDX/cyclonedx-go';
const SCHEMAS = 'npm:@cyclonedx/cyclonedx-library';
const HASH = `sha256:${'a'.repeat(64)}`;
const FORM: NormalForm = {
  version: 2,
  image: HASH,
  config: HASH,
  normalConfig: HASH,
  platform: { os: 'linux', architecture: 'amd64' },
  javaArchives: false,
  diffIds: [],
  secrets: [],
  layers: [],
};

interface Bom {
  readonly specVersion: string;
  readonly components?: readonly {
    readonly name: string;
    readonly version?: string;
    readonly purl?: string;
  }[];
}

/** A document that is accepted stays valid when it is reduced, and keeps its packages. */
export const cyclonedx: Suite = {
  name: 'cyclonedx',
  about: 'CycloneDX documents, reduced to what is stored: still valid, with all packages',
  authority: "the valid documents of CycloneDX's Go library, and the official schemas",
  packages: [DOCUMENTS, SCHEMAS],
  run: async folders => {
    const folder = join(folders(DOCUMENTS), 'testdata');
    const schemas = join(folders(SCHEMAS), 'res', 'schema');
    const names = readdirSync(folder).filter(file => file.endsWith('.json'));
    return {
      cases: names.length,
      disagreements: names.flatMap(name => {
        const said = whyDifferent(readFileSync(join(folder, name)), schemas);
        return said === undefined ? [] : [{ name, said }];
      }),
    };
  },
};

function whyDifferent(bytes: Buffer, schemas: string): string | undefined {
  const reduced = reduceSbom(bytes, FORM, 'registry.example/team/app');
  if (!reduced.ok) return reduced.error.detail ?? reduced.error.cause;
  const before = JSON.parse(bytes.toString('utf8')) as Bom;
  const after = JSON.parse(JSON.stringify(reduced.value)) as Bom;
  const invalid = ofVersion(before.specVersion, schemas)(after);
  if (invalid !== undefined) return invalid;
  return packagesOf(before) === packagesOf(after) ? undefined : 'other packages';
}

function packagesOf({ components = [] }: Bom): string {
  return JSON.stringify(components.map(({ name, version, purl }) => [name, version, purl]));
}

const REFERRED = ['spdx', 'jsf-0.82', 'cryptography-defs'].map(name => `${name}.SNAPSHOT.schema.json`);
const validators = new Map<string, ReturnType<typeof validator>>();

function ofVersion(version: string, folder: string): ReturnType<typeof validator> {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as object;
  const known =
    validators.get(version) ??
    validator(
      read(`bom-${version}.SNAPSHOT.schema.json`),
      Object.fromEntries(REFERRED.map(file => [`http://cyclonedx.org/schema/${file}`, read(file)])),
    );
  validators.set(version, known);
  return known;
}
