import { LINE_CHARACTERS } from '../../../src/core/text/plain-text';
import { readGrantRequest } from '../../../src/core/trust/grant-request';
import { wayOut } from '../../../src/core/trust/way-out';
import { STACK, STACK_ID } from '../support/grants';
import { IMAGE, NOW } from '../support/made';

const SERVICE = 'arn:aws:ecs:us-east-1:000000000000:service/prod/web';

test('names image, scope and stack of the trust, and leaves out the id of a stack, which changes', () => {
  expect(wayOut(IMAGE, STACK_ID, 'Platform')).toBe(
    `Emergency, for this gate: npx cdk-trusted-images break-glass grant --stack Platform --image ${IMAGE} --scope ${STACK} --for 1h --because WHY --ticket ID`,
  );
  expect(wayOut(IMAGE, SERVICE)).toContain(`--stack TRUST_STACK --image ${IMAGE} --scope ${SERVICE} `);
});

test('what only a person knows has to be written: the command as it is grants nothing', () => {
  const [, justification, ticket] = / --because (\S+) --ticket (\S+)$/.exec(wayOut(IMAGE, SERVICE)!)!;
  const wanted = { image: IMAGE, scope: SERVICE, forSeconds: 3600, ticket };
  const granted = (because?: string) =>
    readGrantRequest({ ...wanted, justification: because }, ['000000000000'], NOW);
  expect(granted(justification)).toEqual({
    ok: false,
    error: [
      expect.stringMatching(/^justification is "WHY", allowed: 10 to 500 characters; say what is broken/),
    ],
  });
  expect(granted('the shop is down')).toMatchObject({ ok: true, value: { scope: SERVICE } });
});

test.each(['', 'app', 'arn:aws:codepipeline:us-east-1:000000000000:release'])(
  'there is none where no grant can name what asks: %j',
  runner => {
    expect(wayOut(IMAGE, runner)).toBeUndefined();
  },
);

test('no part of it is cut: one that an alert would cut is not there', () => {
  const service = (length: number) => `arn:aws:ecs:us-east-1:000000000000:service/${'c'.repeat(length)}/web`;
  const shown = wayOut(IMAGE, service(255), 's'.repeat(128))!;
  expect(shown.length).toBeGreaterThan(600);
  expect(shown.length).toBeLessThanOrEqual(LINE_CHARACTERS);
  const longest = IMAGE.replace('team/app', 'r'.repeat(256));
  expect(wayOut(longest, service(400), 's'.repeat(128))).toBeUndefined();
});
