import * as z from 'zod';
import { failed, ok, type Result } from '../result';
import type { Failure } from './failed-scan';
import type { NormalForm } from './normal-form';

/**
 * Properties that Trivy needs to match the SBOM again. `Labels:…` is not among them: labels are the
 * pusher's text, and may hold secrets (rule 5.5, untrusted text).
 */
const KEPT =
  /^aquasecurity:trivy:(?:Class|DiffID|FilePath|ImageID|LayerDiffID|LayerDigest|Modularitylabel|PkgID|PkgType|SchemaVersion|SrcEpoch|SrcName|SrcRelease|SrcVersion|Type)$/;

/**
 * What identifies a package. Its author and description are untrusted text: whatever is not named here is
 * dropped.
 */
const Component = z.object({
  type: z.string(),
  name: z.string(),
  'bom-ref': z.string().optional(),
  group: z.string().optional(),
  version: z.string().optional(),
  purl: z.string().optional(),
  hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
  licenses: z
    .array(
      z.object({
        license: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
        expression: z.string().optional(),
      }),
    )
    .optional(),
  properties: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
});

const Sbom = z.object({
  $schema: z.string().optional(),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  serialNumber: z.string().optional(),
  version: z.number(),
  metadata: z.object({
    timestamp: z.string().optional(),
    tools: z.object({ components: z.array(Component).optional() }).optional(),
    component: Component,
  }),
  components: z.array(Component).optional(),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).optional() })).optional(),
});

/**
 * A CycloneDX document that contains only the packages of the image. Trivy wrote it about a normal form:
 * name, config and layers become those of the image.
 */
export function reduceSbom(bytes: Uint8Array, form: NormalForm, reference: string): Result<object, Failure> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    document = undefined;
  }
  const sbom = Sbom.safeParse(document);
  if (!sbom.success) {
    return failed({ cause: 'REPORT_INVALID', detail: 'the SBOM is not a CycloneDX document' });
  }
  const { metadata, components, ...rest } = sbom.data;
  const original = originals(form);
  return ok({
    ...rest,
    metadata: { ...metadata, component: { ...reduce(metadata.component, original), name: reference } },
    ...(components !== undefined && { components: components.map(component => reduce(component, original)) }),
  });
}

/**
 * From the value of a property of the normal form to the value for the image. Most values stay as they are.
 */
type Originals = (name: string, value: string | undefined) => string | undefined;

function originals({ config, normalConfig, layers }: NormalForm): Originals {
  const diffIds = new Map(layers.map(({ normal, diffId }) => [normal, diffId]));
  const digests = new Map(layers.map(({ normal, digest }) => [normal, digest]));
  return (name, value = '') => {
    if (value === normalConfig) return config;
    return (name.endsWith('Digest') ? digests : diffIds).get(value) ?? value;
  };
}

function reduce(component: z.infer<typeof Component>, original: Originals): object {
  const { properties, ...rest } = component;
  const kept = properties
    ?.filter(({ name }) => KEPT.test(name))
    .map(({ name, value }) => ({ name, value: original(name, value) }));
  return { ...rest, ...(kept !== undefined && { properties: kept }) };
}
