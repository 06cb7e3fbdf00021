import { makeRepository, push, quickstart, rowOnce, verdictOf } from './quickstart';
import { ATTACK_NAMES, ATTACKS, type AttackName } from '../../local/images/zoo/attacks';

beforeAll(quickstart);

/** What the failed scan says of each, so that a person knows what to fix. A rule refuses the others. */
const SAYS: Partial<Record<AttackName, RegExp>> = {
  'supplier-rapidfort': /curated\.json makes Trivy use the advisories of rapidfort/,
  'supplier-root-io': /musl 1\.1\.24-r10071 makes Trivy use the advisories of root\.io/,
  'supplier-seal': /makes Trivy use the advisories of seal/,
  'supplier-seal-npm': /@seal-security\/minimist 0\.0\.8 makes Trivy use the advisories of seal/,
  'debian-as-wolfi': /says that it is wolfi .* in that of dpkg/,
  'debian-by-sbom': /only an SBOM in the image names the packages/,
  'alpine-of-another-release': /covers alpine 3\.22\.1/,
  'eol-list-names': /covers alpine 3\.24\.0/,
};

test.each(Object.entries(SAYS) as [AttackName, RegExp][])(
  'rule 5.1, hermetic scan: %s gets no verdict',
  async (name, says) => {
    const repository = await makeRepository();
    const digest = await push(repository, await ATTACKS[name]());
    const { lastFailedScan, verdict } = await rowOnce(
      repository,
      digest,
      row => row.lastFailedScan !== undefined || row.verdict !== undefined,
    );
    expect(verdict).toBeUndefined();
    expect(lastFailedScan).toMatchObject({
      cause: 'NOT_COVERED',
      detail: expect.stringMatching(says) as string,
    });
  },
);

/** What is refused, by what it would hide. */
const REFUSED: Partial<Record<AttackName, RegExp>> = {
  'sbom-over-package': /CVE-2021-44906/,
  'sbom-over-key': /CVE-2021-44906/,
  'sbom-of-archive': /CVE-2021-44228/,
  'sbom-behind-link': /CVE-2021-44906/,
  'user-4294967296': /4294967296/,
};

test.each(Object.entries(REFUSED) as [AttackName, RegExp][])(
  'rule 5.1, hermetic scan: %s is refused',
  async (name, says) => {
    const repository = await makeRepository();
    const { outcome, worst } = await verdictOf(repository, await push(repository, await ATTACKS[name]()));
    expect(outcome).toBe('FAIL');
    expect(JSON.stringify(worst)).toMatch(says);
  },
);

test('every attack has a test', () => {
  expect([...Object.keys(SAYS), ...Object.keys(REFUSED)].sort()).toEqual([...ATTACK_NAMES].sort());
});
