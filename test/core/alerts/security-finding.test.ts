import { AsffLimit, securityFinding, type SecurityFinding } from '../../../src/core/alerts/security-finding';
import { releasedEvent } from '../../../src/core/events/brake-events';
import { endedEvent, grantedEvent, usedEvent } from '../../../src/core/events/grant-events';
import { holdEndedEvent } from '../../../src/core/events/hold-events';
import { EVENT_SOURCE, heldEvent, revokedEvent, verdictEvent } from '../../../src/core/events/image-events';
import { locatedEvent } from '../../../src/core/events/revocation-events';
import { Limit } from '../../../src/core/limits';
import { EVERY_IMAGE } from '../../../src/core/trust/grant';
import { grant, STACK } from '../support/grants';
import { failing, IMAGE, minutes, NOW, scanId, summary } from '../support/made';

const PLACE = { partition: 'aws', account: '000000000000', region: 'us-east-1' };
const LONG = '\u202e<b>&"'.repeat(2000);
const FAIL = summary(failing());

const use = (runner = STACK, at = minutes(5)) =>
  usedEvent({ grant: grant(), image: IMAGE, runner, at: at.toISOString(), reason: 'FAILED', says: LONG });
const PULL = {
  verdictId: FAIL.verdictId,
  since: FAIL.evaluatedAt,
  pulledAt: NOW.toISOString(),
  until: minutes(60).toISOString(),
};
const held = (image = IMAGE) => heldEvent(image, FAIL, { ...PULL, because: LONG }, ['v1']);
const holdEnded = (outcome: 'PASS' | 'FAIL' = 'FAIL', image = IMAGE) =>
  holdEndedEvent(image, { ...PULL, endedAt: minutes(9).toISOString(), outcome }, ['v1']);
const released = releasedEvent({
  releaseId: scanId(3),
  pulledAt: NOW.toISOString(),
  releasedAt: minutes(9).toISOString(),
  until: minutes(99).toISOString(),
  releasedBy: LONG,
  justification: LONG,
  ticket: LONG,
});
const places = Array.from({ length: 60 }, (_, at) => ({
  kind: 'ECS_SERVICE' as const,
  arn: `arn:aws:ecs:us-east-1:000000000000:service/main/${'x'.repeat(200)}${at}`,
  by: 'NAMED' as const,
}));
const located = (count = 60, unknown: string[] = [LONG]) =>
  locatedEvent({ pk: IMAGE, tags: [] }, scanId(4), places.slice(0, count), unknown);

function found(event: { readonly detailType: string; readonly detail: object }): SecurityFinding | undefined {
  const { detailType, detail } = event;
  const body = { source: EVENT_SOURCE, 'detail-type': detailType, time: NOW.toISOString(), detail };
  return securityFinding(JSON.parse(JSON.stringify(body)), PLACE);
}

describe('a finding', () => {
  test.each<[string, Parameters<typeof found>[0], Partial<SecurityFinding>]>([
    [
      'of a grant',
      grantedEvent(grant()),
      { Severity: { Label: 'HIGH' }, Types: ['Unusual Behaviors/User'], RecordState: 'ACTIVE' },
    ],
    ['of an emergency off', grantedEvent(grant({ image: EVERY_IMAGE })), { Severity: { Label: 'CRITICAL' } }],
    ['of a use', use(), { Severity: { Label: 'HIGH' }, Types: ['Unusual Behaviors/Container'] }],
    [
      'of an end',
      endedEvent({ ...grant(), endedAt: minutes(9).toISOString(), endedBy: LONG }),
      { RecordState: 'ARCHIVED', UpdatedAt: minutes(9).toISOString() },
    ],
    ['of a held revocation', held(), { Severity: { Label: 'HIGH' }, RecordState: 'ACTIVE' }],
    [
      'of a hold that ended',
      holdEnded(),
      { Severity: { Label: 'HIGH' }, RecordState: 'ARCHIVED', UpdatedAt: minutes(9).toISOString() },
    ],
    ['of a hold that a PASS ended', holdEnded('PASS'), { RecordState: 'ARCHIVED' }],
    ['of where a revoked image runs', located(), { Severity: { Label: 'HIGH' } }],
  ])('%s is what Security Hub takes, whatever the event holds', (_, event, expected) => {
    const finding = found(event)!;
    expect(finding).toMatchObject(expected);
    // https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html
    expect(finding).toMatchObject({
      SchemaVersion: '2018-10-08',
      ProductArn: 'arn:aws:securityhub:us-east-1:000000000000:product/000000000000/default',
      AwsAccountId: '000000000000',
      GeneratorId: expect.stringMatching(/^trusted-images\/[a-z]+$/),
      Id: expect.stringMatching(/^trusted-images\/000000000000\/us-east-1\/[A-Za-z0-9/:.-]+$/),
    });
    const lengths = [
      [finding.Title, 1, AsffLimit.title],
      [finding.Description, 1, AsffLimit.description],
      [finding.Id, 1, AsffLimit.id],
      [finding.Remediation.Recommendation.Text, 1, AsffLimit.recommendation],
      ...finding.Resources.map(({ Id }) => [Id, 1, AsffLimit.id] as const),
      ...Object.keys(finding.ProductFields).map(key => [key, 1, AsffLimit.productFieldKey] as const),
      ...Object.values(finding.ProductFields).map(text => [text, 0, AsffLimit.productFieldValue] as const),
    ] as const;
    for (const [text, least, most] of lengths) {
      expect(text.length).toBeGreaterThanOrEqual(least);
      expect(text.length).toBeLessThanOrEqual(most);
      expect(text).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
    }
    expect(finding.Resources.length).toBeGreaterThan(0);
    expect(finding.Resources.length).toBeLessThanOrEqual(AsffLimit.resources);
    expect(Object.keys(finding.ProductFields).length).toBeLessThanOrEqual(AsffLimit.productFields);
    expect(finding.Types[0]).toMatch(/^(Unusual Behaviors|Software and Configuration Checks)\/[A-Z][a-z]+$/);
    for (const time of [finding.CreatedAt, finding.UpdatedAt]) {
      expect(new Date(time).toISOString()).toBe(time);
    }
    expect(JSON.stringify(finding).length).toBeLessThan(240 * 1024);
  });

  test('names the image as ECR does, and what runs it', () => {
    expect(found(use())!.Resources).toEqual([
      {
        Type: 'AwsEcrContainerImage',
        Id: `arn:aws:ecr:us-east-1:000000000000:repository/${IMAGE.split('/').slice(1).join('/').replace('@', '/')}`,
        Region: 'us-east-1',
      },
      { Type: 'Other', Id: STACK, Region: 'us-east-1' },
    ]);
  });

  test('is one for the same news, and another for other news', () => {
    const id = (event: Parameters<typeof found>[0]) => found(event)!.Id;
    expect(id(grantedEvent(grant()))).toBe(id(endedEvent(grant())));
    expect(id(use())).toBe(id(use()));
    expect(new Set([id(grantedEvent(grant())), id(use()), id(use(STACK, minutes(6)))]).size).toBe(3);
    expect(id(use())).not.toBe(id(use(`${STACK}2`)));
    const other = IMAGE.replace('team/app', 'team/other');
    expect(id(held())).not.toBe(id(held(other)));
    expect(id(held())).toBe(id(holdEnded()));
    expect(id(held(other))).toBe(id(holdEnded('PASS', other)));
  });

  test.each([
    ['a grant', grantedEvent(grant()), endedEvent({ ...grant(), endedAt: minutes(9).toISOString() })],
    ['a hold', held(), holdEnded()],
  ])(
    'about the end of %s is the newest of its id, so that a late or repeated beginning does not open it again',
    (_, begin, end) => {
      const [first, last] = [found(begin)!, found(end)!];
      expect(Date.parse(last.UpdatedAt)).toBeGreaterThan(Date.parse(first.UpdatedAt));
      expect(last.CreatedAt).toBe(first.CreatedAt);
      expect(last.Severity).toEqual(first.Severity);
    },
  );
});

test.each<[string, unknown]>([
  ['a revocation: where it runs is another event', revokedEvent(IMAGE, FAIL, [])],
  ['a revoked image that runs nowhere', located(0, [])],
  ['a release: the end of each hold is another event', released],
  ['a verdict', verdictEvent(failing(), { changed: true, evidence: { bucket: 'b', verdictKey: 'k' } })],
  ['nothing', { detailType: undefined, detail: {} }],
])('%s is no finding', (_, event) => {
  expect(found(event as never)).toBeUndefined();
});

test('an event of somebody else is none', () => {
  const { detailType, detail } = grantedEvent(grant());
  expect(securityFinding({ source: 'other', 'detail-type': detailType, detail }, PLACE)).toBeUndefined();
  expect(Limit.eventPlaces).toBeGreaterThan(AsffLimit.resources);
});
