import type { ScanRecord } from '../../../src/core/evidence/scan-record';
import {
  attestationBytes,
  classicAttestations,
  othersAttestations,
  sbomAttestation,
  verdictAttestation,
  vulnerabilityAttestation,
} from '../../../src/core/signing/attestation';
import { openEnvelope, PayloadType } from '../../../src/core/signing/dsse';
import { RegisterStatement, RegistryStatement } from '../../../src/core/signing/statement';
import { digestOf } from '../../../src/core/text/sha256';
import { DIGEST, failing, IMAGE, NOW, verdict } from '../support/made';
import { claims, LocalKey } from '../support/signing';

const KEY = new LocalKey('ours');
const SCAN: ScanRecord = {
  schema: 1,
  image: IMAGE,
  scanId: '01JDG000000000000000000001',
  scanSeq: 1,
  reason: 'push',
  buildId: 'scans:1',
  startedAt: NOW.toISOString(),
  finishedAt: '2026-11-25T02:00:41.000Z',
  exitCode: 0,
  scanner: { image: 'trivy@sha256:1', version: '0.74.0' },
  database: { updatedAt: '2026-11-24T06:00:00.000Z' },
  coverage: { unknownRelease: false },
  checksum: 'c',
};

describe('what is attested', () => {
  test('the verdict, without what only the next verdict needs', () => {
    const { predicate } = verdictAttestation(failing({ firstSeen: { x: ['1'] }, violating: ['1'] })) as {
      predicate: Record<string, unknown>;
    };
    expect(predicate).toMatchObject({
      outcome: 'FAIL',
      image: IMAGE,
      violationCount: 1,
      rules: expect.any(Array),
    });
    expect(predicate).not.toHaveProperty('firstSeen');
    expect(predicate).not.toHaveProperty('violating');
  });

  test('the vulnerabilities, as `cosign verify-attestation --type vuln` reads them', () => {
    expect(vulnerabilityAttestation(SCAN, { Results: [] })).toEqual({
      predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1',
      predicate: {
        invocation: {
          parameters: null,
          uri: 'trivy@sha256:1',
          event_id: '01JDG000000000000000000001',
          'builder.id': '',
        },
        scanner: {
          uri: 'pkg:github/aquasecurity/trivy@0.74.0',
          version: '0.74.0',
          db: { uri: '', version: '', lastUpdate: '2026-11-24T06:00:00.000Z' },
          result: { Results: [] },
        },
        metadata: { scanStartedOn: '2026-11-25T02:00:00.000Z', scanFinishedOn: '2026-11-25T02:00:41.000Z' },
      },
    });
  });

  test('the SBOM, as `--type cyclonedx` reads it', () => {
    expect(sbomAttestation({ bomFormat: 'CycloneDX' })).toEqual({
      predicateType: 'https://cyclonedx.org/bom',
      predicate: { bomFormat: 'CycloneDX' },
    });
  });

  test('of exactly one image in one repository, byte for byte', () => {
    const bytes = attestationBytes(sbomAttestation({ a: 1 }), claims());
    expect(Buffer.from(bytes).toString()).toBe(
      '{"_type":"https://in-toto.io/Statement/v1",' +
        `"subject":[{"name":"000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app","digest":{"sha256":"${'a'.repeat(64)}"}}],` +
        '"predicateType":"https://cyclonedx.org/bom","predicate":{"a":1}}',
    );
  });
});

describe('an attestation is no signature, whatever stands in it', () => {
  const signV1 = {
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    subject: [{ digest: { sha256: 'a'.repeat(64) }, annotations: claims() }],
  };

  test.each([verdictAttestation(verdict()), sbomAttestation(signV1), vulnerabilityAttestation(SCAN, signV1)])(
    '$predicateType',
    attestation => {
      const opened = openEnvelope(
        KEY.envelope(attestationBytes(attestation, claims()), PayloadType.inToto),
        PayloadType.inToto,
        [KEY.verification],
      );
      const statement = opened.ok ? opened.value.statement : undefined;
      expect(statement).toMatchObject({ predicateType: attestation.predicateType });
      expect(
        [RegistryStatement, RegisterStatement].map(schema => schema.safeParse(statement).success),
      ).toEqual([false, false]);
    },
  );
});

test('all of them in one `.att`, a layer each, byte for byte', () => {
  const signed = ['a', 'b'].map(type => ({
    predicateType: `https://${type}`,
    envelope: KEY.envelope({ type }),
  }));
  const [one, two] = signed.map(({ envelope }) => JSON.stringify(envelope)) as [string, string];
  const { manifest, blobs, tag } = classicAttestations(DIGEST, [], signed, 'hint');
  expect(tag).toBe(`sha256-${'a'.repeat(64)}.att`);
  expect(blobs.slice(0, 2)).toEqual([one, two]);
  const layer = (text: string, type: string) =>
    `{"mediaType":"application/vnd.dsse.envelope.v1+json","size":${text.length},"digest":"${digestOf(text)}",` +
    `"annotations":{"dev.cosignproject.cosign/signature":"","predicateType":"https://${type}","io.github.cdk-trusted-images/key":"hint"}}`;
  expect(manifest).toContain(`"layers":[${layer(one, 'a')},${layer(two, 'b')}]}`);
});

test('what others left at the tag is kept, what this key left of the same type is not, and what cosign did not write is nothing', () => {
  const TYPES = ['https://a'];
  const signed = [{ predicateType: 'https://a', envelope: KEY.envelope({}) }];
  const before = classicAttestations(DIGEST, [], signed, 'theirs');
  const both = classicAttestations(
    DIGEST,
    othersAttestations(before.manifest, 'ours', TYPES),
    signed,
    'ours',
  );
  expect(othersAttestations(both.manifest, 'ours', TYPES)).toEqual(JSON.parse(before.manifest).layers);
  expect(othersAttestations(both.manifest, 'another', TYPES)).toHaveLength(2);
  expect(othersAttestations(both.manifest, 'ours', ['https://b'])).toHaveLength(2);
  for (const manifest of [
    undefined,
    'no JSON',
    '{}',
    '{"layers":[{"mediaType":"text/plain","size":1,"digest":"x"}]}',
  ]) {
    expect(othersAttestations(manifest, 'ours', [])).toEqual([]);
  }
});
