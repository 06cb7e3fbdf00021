import {
  EmergencyAccess,
  ImageTrust,
  RepositorySelector,
  RevocationBrake,
  type ImageTrustProps,
} from '../../src';
import { AwsLimit } from '../../src/core/limits';
import { newStack } from '../support/synthesise';

const trustIn = (region: string, props: Partial<ImageTrustProps>) => () =>
  new ImageTrust(newStack({}, { env: { account: '111122223333', region } }), 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    ...props,
  });

describe.each(AwsLimit.withoutFunctionUrls)('in %s, where AWS Lambda has no function URLs,', region => {
  test('a trust cannot have what people call by one, and the error says how to do without', () => {
    const why = `is in a stack of the region ${region}, where AWS Lambda has no function URLs, by which people call it; allowed: any region but ap-east-2, ap-south-2, ap-southeast-4, `;
    const access = { emergencyAccess: EmergencyAccess.BREAK_GLASS };
    expect(trustIn(region, access)).toThrow(`Test/Trust/BreakGlass/Granter/Resource ${why}`);
    expect(() => trustIn(region, {})().breakGlass).toThrow(why);
    expect(trustIn(region, access)).toThrow(
      'deploy to another region, or set emergencyAccess of the ImageTrust to EmergencyAccess.NONE',
    );
    const brake = { revocationBrake: RevocationBrake.above(20) };
    expect(trustIn(region, brake)).toThrow(`Test/Trust/Evaluator/Brake/Resource ${why}`);
    expect(trustIn(region, brake)).toThrow('deploy to another region, or leave out revocationBrake');
  });

  test('a trust without them can be made', () => {
    expect(trustIn(region, {})).not.toThrow();
  });
});

test('in other regions a trust has both', () => {
  const brake = { revocationBrake: RevocationBrake.above(20) };
  expect(() => trustIn('eu-central-1', brake)().breakGlass).not.toThrow();
});
