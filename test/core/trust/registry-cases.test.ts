import {
  attestationBytes,
  classicAttestations,
  sbomAttestation,
  type Attestation,
} from '../../../src/core/signing/attestation';
import { classicSignature, simpleSigning } from '../../../src/core/signing/classic-signature';
import { PayloadType } from '../../../src/core/signing/dsse';
import type { Descriptor } from '../../../src/core/signing/oci-artefact';
import type { Claims } from '../../../src/core/signing/statement';
import { verifyInRegistry } from '../../../src/core/trust/registry-check';
import { NOW } from '../support/made';
import { bundle, claims, LocalKey, LocalRepository, statement } from '../support/signing';

/**
 * The repositories that were pushed to a real registry, and asked about with three versions of cosign. Here
 * the second check is asked.
 */
const KEY = new LocalKey('ours');
const OTHER = new LocalKey('other');
const VULN: Attestation = {
  predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  predicate: { scanner: { version: '0.74.0' } },
};
const SBOM = sbomAttestation({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
const PROVENANCE: Attestation = { predicateType: 'https://slsa.dev/provenance/v1', predicate: {} };
const verdict = (outcome: string): Attestation => ({
  predicateType: 'https://example.com/image-policy-verdict/v1',
  predicate: { verdict: outcome },
});

/** What somebody pushes beside an image. */
class Case {
  public readonly repository: LocalRepository;

  constructor(public readonly name: string) {
    this.repository = new LocalRepository(name);
  }

  public claims(image: Descriptor, changes: Partial<Claims> = {}, of = this.repository): Claims {
    return claims(of.name(image), changes);
  }

  public sig(image: Descriptor, key = KEY, of = this.claims(image), signed = of): void {
    const signature = key.sign(Buffer.from(simpleSigning(signed)));
    this.repository.push(
      classicSignature({ ...of, image: this.repository.name(image) }, [], simpleSigning(of), signature),
    );
  }

  public att(image: Descriptor, attestations: readonly Attestation[]): void {
    const of = this.claims(image);
    const envelope = (each: Attestation) => KEY.envelope(attestationBytes(each, of), PayloadType.inToto);
    const signed = attestations.map(each => ({
      predicateType: each.predicateType,
      envelope: envelope(each),
    }));
    this.repository.push(classicAttestations(image.digest, [], signed, 'hint'));
  }

  public bsig(image: Descriptor, key = KEY, of = this.claims(image)): void {
    this.repository.attach(image, bundle(key, statement(of)));
  }

  public batt(image: Descriptor, attestation: Attestation, key = KEY): void {
    this.repository.attach(
      image,
      bundle(key, attestationBytes(attestation, this.claims(image))),
      attestation.predicateType,
    );
  }

  public all(image: Descriptor): void {
    this.sig(image);
    this.att(image, [VULN, SBOM]);
    this.bsig(image);
    this.batt(image, VULN);
    this.batt(image, SBOM);
  }

  public ask(image: Descriptor) {
    const question = {
      image: this.repository.name(image),
      keys: [KEY.verification],
      maxAgeSeconds: 86_400,
      now: NOW,
    };
    return verifyInRegistry(question, this.repository);
  }
}

const NO_BUNDLE = { reason: 'NO_SIGNATURE', says: /: the registry has no valid signature for it$/ };
const wrong = (error: string, count = 1) => ({
  reason: 'NO_SIGNATURE',
  says: new RegExp(`\\((?:sha256:[0-9a-f]{8}: ${error}(?:; )?){${count}}\\)$`),
});
const NOT_PASS = "it is no sign/v1 statement that this library's signer made of a PASS";
const OTHER_KEY = 'none of the pinned keys signed it';
const elsewhere = (repository: string) =>
  `it was made for another image: 000000000000\\.us-east-1/${repository}@sha256:[0-9a-f]{64}`;

const BSIG = new Case('bsig');
const BSIG_IMAGE = BSIG.repository.image('bsig');

describe('accepts', () => {
  test.each<[string, (given: Case, image: Descriptor) => void]>([
    ['bsig', (given, image) => given.bsig(image)],
    ['all', (given, image) => given.all(image)],
    [
      'sig-att-bsig',
      (given, image) => {
        given.sig(image);
        given.att(image, [VULN]);
        given.bsig(image);
      },
    ],
    [
      'all-3rdparty',
      (given, image) => {
        given.all(image);
        given.batt(image, PROVENANCE, OTHER);
      },
    ],
    [
      'x-nohint',
      (given, image) =>
        given.repository.attach(
          image,
          bundle(KEY, statement(given.claims(image))).replace(/"hint":"[^"]+"/, '"hint":"AAAA"'),
        ),
    ],
  ])('%s', async (name, push) => {
    const given = new Case(name);
    const image = given.repository.image(name);
    push(given, image);
    expect(await given.ask(image)).toEqual(given.claims(image));
  });

  test.each([
    ['idx', false],
    ['idx-children', true],
  ])('%s: the index, and its children where they are signed themselves', async (name, children) => {
    const given = new Case(name);
    const index = given.repository.index('v1');
    for (const each of children ? [index, ...index.children] : [index]) {
      given.sig(each);
      given.bsig(each);
    }
    expect(await given.ask(index)).toEqual(given.claims(index));
    for (const child of index.children) {
      expect(await given.ask(child)).toMatchObject(
        children ? { verdict: 'PASS' } : { reason: 'NO_SIGNATURE' },
      );
    }
  });
});

describe('refuses', () => {
  test.each<[string, (given: Case, image: Descriptor) => void, { reason: string; says: RegExp }]>([
    ['sig', (given, image) => given.sig(image), NO_BUNDLE],
    ['att', (given, image) => given.att(image, [VULN, verdict('PASS')]), NO_BUNDLE],
    [
      'batt',
      (given, image) => [VULN, SBOM, verdict('PASS')].forEach(each => given.batt(image, each)),
      wrong(NOT_PASS, 3),
    ],
    [
      'sig-3rdparty',
      (given, image) => {
        given.sig(image);
        given.batt(image, PROVENANCE, OTHER);
      },
      wrong(OTHER_KEY),
    ],
    ['n-unsigned', () => undefined, NO_BUNDLE],
    ['n-wrongkey-sig', (given, image) => given.sig(image, OTHER), NO_BUNDLE],
    ['n-wrongkey-b', (given, image) => given.bsig(image, OTHER), wrong(OTHER_KEY)],
    [
      'n-tamper-sig',
      (given, image) => given.sig(image, KEY, given.claims(image, { policy: 'other' }), given.claims(image)),
      NO_BUNDLE,
    ],
    [
      'n-tamper-b',
      (given, image) => {
        const payload = Buffer.from(
          JSON.stringify(statement(given.claims(image, { policy: 'other' }))),
        ).toString('base64');
        given.repository.attach(
          image,
          bundle(KEY, statement(given.claims(image))).replace(/"payload":"[^"]+"/, `"payload":"${payload}"`),
        );
      },
      wrong(OTHER_KEY),
    ],
    ['n-otherdigest-sig', (given, image) => given.sig(image, KEY, given.claims(BSIG_IMAGE)), NO_BUNDLE],
    [
      'n-otherdigest-b',
      (given, image) => given.bsig(image, KEY, given.claims(BSIG_IMAGE)),
      wrong(elsewhere('n-otherdigest-b')),
    ],
    [
      'n-fallback-forged',
      (given, image) => {
        given.sig(image, OTHER);
        given.bsig(image, KEY, BSIG.claims(BSIG_IMAGE));
      },
      wrong(elsewhere('bsig')),
    ],
    ['x-fail-att', (given, image) => given.batt(image, verdict('FAIL')), wrong(NOT_PASS)],
    [
      'x-expired',
      (given, image) => {
        const old = given.claims(image, { evaluatedAt: '2020-01-01T00:00:00Z' });
        given.sig(image, KEY, old);
        given.bsig(image, KEY, old);
      },
      wrong('it was judged 60482 hours ago, allowed: 24'),
    ],
    [
      'x-multisubject',
      (given, image) => {
        const both = statement(given.claims(image));
        both.subject.push({ digest: { sha256: BSIG_IMAGE.digest.slice('sha256:'.length) } });
        given.repository.attach(image, bundle(KEY, both));
      },
      wrong(NOT_PASS),
    ],
  ])('%s', async (name, push, { reason, says }) => {
    const given = new Case(name);
    const image = given.repository.image(name);
    push(given, image);
    expect(await given.ask(image)).toMatchObject({
      trusted: false,
      reason,
      says: expect.stringMatching(says),
    });
  });

  test.each<[string, (given: Case, image: Descriptor) => void, { reason: string; says: RegExp }]>([
    ['x-replay-sig', (given, image) => given.sig(image, KEY, BSIG.claims(image)), NO_BUNDLE],
    ['x-replay-b', (given, image) => given.bsig(image, KEY, BSIG.claims(image)), wrong(elsewhere('bsig'))],
    [
      'x-replay-b, and the name of the image says this repository',
      (given, image) =>
        given.bsig(image, KEY, { ...given.claims(image), repository: BSIG.claims(image).repository }),
      wrong(elsewhere('x-replay')),
    ],
    [
      'x-replay-b, and the repository is the end of its own',
      (given, image) =>
        given.bsig(image, KEY, {
          ...given.claims(image),
          repository: '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/x-replay',
        }),
      wrong(elsewhere('x-replay')),
    ],
  ])('%s: the same digest was signed in another repository', async (_, push, { reason, says }) => {
    const given = new Case('x-replay');
    const image = given.repository.image('bsig');
    expect(image).toEqual(BSIG_IMAGE);
    push(given, image);
    expect(await given.ask(image)).toMatchObject({
      trusted: false,
      reason,
      says: expect.stringMatching(says),
    });
  });
});
