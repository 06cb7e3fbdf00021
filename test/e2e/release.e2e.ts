import { onlyEmulated } from './only-emulated';
import { dryRun, told } from '../../local/release/dry-run';
import { TARGETS, type Target } from '../../local/release/targets';

onlyEmulated('it packs, installs and synthesises, and asks no cloud');

const QUICKSTARTS = ['js', 'python', 'java'];

test.each(TARGETS.map(target => [target.language, target] as const))(
  'what is published for %s is packed, and where a quickstart is written, synthesised with it',
  async (language, target: Target) => {
    const outcome = await dryRun(target);
    process.stderr.write(`${told(outcome)}\n`); // a machine without the compiler only generates
    expect(outcome.files.length).toBeGreaterThan(0);
    if (outcome.whyNotPacked === undefined && QUICKSTARTS.includes(language)) {
      expect(outcome.synthesised).toEqual(
        expect.arrayContaining([
          'AWS::DynamoDB::GlobalTable',
          'AWS::Lambda::Function',
          'Custom::TrustedImage',
        ]),
      );
    }
  },
  900_000,
);
