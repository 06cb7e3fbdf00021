import { Workshop } from './workshop';
import { writeLayout } from '../../../local/images/layout';
import { ATTACK_NAMES, ATTACKS, type AttackName } from '../../../local/images/zoo/attacks';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

async function scan(name: AttackName, ...more: string[]) {
  await writeLayout(shop.path(name), await ATTACKS[name]());
  return shop.scan([shop.path(name), ...more]);
}

const REFUSED: Partial<Record<AttackName, string>> = {
  'sbom-over-package': 'CVE-2021-44906',
  'sbom-over-key': 'CVE-2021-44906',
  'sbom-of-archive': 'CVE-2021-44228',
  'sbom-behind-link': 'CVE-2021-44906',
  'user-4294967296': 'user ids end at 2147483647',
};

test.each(ATTACK_NAMES.filter(name => !(name in REFUSED)))(
  'rule 5.1, hermetic scan: nobody can tell of %s, on the command line as in the cloud',
  async name => {
    const ended = await scan(name, '--json', '-');
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.out)).toMatchObject({
      outcome: 'ERROR',
      indeterminate: [{ cause: 'NOT_COVERED' }],
    });
  },
);

test.each(Object.entries(REFUSED) as [AttackName, string][])(
  'rule 5.1, hermetic scan: %s is refused',
  async (name, says) => {
    const ended = await scan(name);
    expect(ended).toMatchObject({ code: 1, err: '' });
    expect(ended.out).toContain(says);
  },
);

test('a supplier that the policy trusts is believed', async () => {
  const policy = shop.write(
    'trusted-images.yaml',
    'version: 1\npolicy: { extends: standard, without: [coverage], rules: [{ rule: coverage, trustedSuppliers: [rapidfort] }] }\n',
  );
  expect((await scan('supplier-rapidfort', '--policy', policy)).code).toBe(0);
  expect((await scan('supplier-root-io', '--policy', policy)).code).toBe(2);
});
