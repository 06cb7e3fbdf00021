import { blob, Content, json } from './content';
import { gzip } from './gzip';
import { buildManifest } from './image';
import { Layer } from './layer';
import { MEDIA_TYPES } from './media-types';

const { manifest: MANIFEST, config: IMAGE_CONFIG } = MEDIA_TYPES.oci;

/** What `helm push` leaves in a registry. */
export async function helmChart(name: string): Promise<Content> {
  const metadata = { name, version: '0.1.0', apiVersion: 'v2' };
  const files = new Layer()
    .file(
      `${name}/Chart.yaml`,
      Object.entries(metadata)
        .map(([key, value]) => `${key}: ${value}\n`)
        .join(''),
    )
    .file(
      `${name}/templates/config-map.yaml`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: example\n',
    );
  return buildManifest(MANIFEST, blob(json(metadata), 'application/vnd.cncf.helm.config.v1+json'), [
    blob(gzip(await files.tar()), 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'),
  ]);
}

/**
 * The manifest that cosign pushes as `sha256-<hex>.sig`: the format is right, but no key made its signature.
 *
 * @see https://github.com/sigstore/cosign/blob/v2.6.1/specs/SIGNATURE_SPEC.md
 */
export function cosignSignature(repository: string, digest: string): Content {
  const payload = json({
    critical: {
      identity: { 'docker-reference': repository },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  });
  const layer = blob(payload, 'application/vnd.dev.cosign.simplesigning.v1+json', {
    annotations: { 'dev.cosignproject.cosign/signature': Buffer.from('not a signature').toString('base64') },
  });
  const config = blob(
    json({
      architecture: '',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
    }),
    IMAGE_CONFIG,
  );
  return buildManifest(MANIFEST, config, [layer]);
}

/**
 * The provenance that BuildKit puts beside an image, as another child of the same index.
 *
 * @see https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export function attestationOf(image: Content): Content {
  const statement = blob(
    json({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://slsa.dev/provenance/v0.2',
      subject: [{ name: 'image', digest: { sha256: image.descriptor.digest.replace('sha256:', '') } }],
      predicate: { builder: { id: '' } },
    }),
    'application/vnd.in-toto+json',
    { annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' } },
  );
  const platform = { os: 'unknown', architecture: 'unknown' };
  const config = blob(
    json({
      ...platform,
      config: {},
      rootfs: { type: 'layers', diff_ids: [statement.descriptor.digest] },
    }),
    IMAGE_CONFIG,
  );
  return buildManifest(MANIFEST, config, [statement], {
    platform,
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': image.descriptor.digest,
    },
  });
}
