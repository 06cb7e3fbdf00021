import { createHash } from 'node:crypto';
import { ImagePolicy, RepositorySelector } from '../../../src';
import { NO_BASES } from '../../../src/core/bases/known-bases';
import { policyKey, waiversKey } from '../../../src/core/evidence/evidence-keys';
import { newRow } from '../../../src/core/register/row';
import { writeWaivers } from '../../../src/core/waivers/document';
import { waiverOf } from '../../../src/core/waivers/waiver';
import { renderPolicies } from '../../../src/policy/repository-policy';
import { policyForImage } from '../../../use-cases/image-scan/chosen-policy';
import { readDeployed, type DeployedPolicy } from '../../../use-cases/image-scan/from-stack';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const POLICY = renderPolicies(ImagePolicy.standard(), [
  { repositories: [RepositorySelector.prefix('internet/')], policy: ImagePolicy.strict() },
]);
const WAIVER = waiverOf({
  id: 'CVE-1',
  repositories: ['team/app'],
  owner: 'me@example.com',
  reason: 'nobody calls what is vulnerable',
  expires: '2026-12-01',
});
const WAIVERS = writeWaivers([WAIVER]);

/** A function of a trust, as its template has it, is all that is read of the stack. */
const variables = {
  POWERTOOLS_SERVICE_NAME: 'trust',
  REGISTER_TABLE: { Ref: 'TrustRegister70213485' },
  POLICIES_TABLE: { Ref: 'TrustPolicies1A121070' },
  EVIDENCE_BUCKET: { Ref: 'TrustEvidence64D83A5A' },
};
const template = {
  Resources: {
    Evaluator: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: variables } } },
  },
};

interface World {
  readonly policy?: { revision: number; sha256: string };
  readonly waivers?: { revision: number; sha256: string };
  readonly objects?: Record<string, string>;
}

function deployed({ policy, waivers, objects = {} }: World): DeployedPolicy {
  return {
    stacks: {
      describe: async name =>
        name !== 'Platform'
          ? undefined
          : {
              arn: 'arn:aws:cloudformation:eu-central-1:111111111111:stack/Platform/1',
              status: 'UPDATE_COMPLETE',
              parameters: new Map(),
              outputs: new Map(),
            },
      template: async () => template,
      resources: async () =>
        new Map([
          ['TrustPolicies1A121070', { type: 'AWS::DynamoDB::GlobalTable', physicalId: 'policies-table' }],
          ['TrustEvidence64D83A5A', { type: 'AWS::S3::Bucket', physicalId: 'evidence-bucket' }],
          ['TrustRegister70213485', { type: 'AWS::DynamoDB::GlobalTable', physicalId: 'register-table' }],
        ]),
    },
    pointers: (table, region) => {
      expect([table, region]).toEqual(['policies-table', 'eu-central-1']);
      return { policy: async () => policy, waivers: async () => waivers };
    },
    register: (table, region) => {
      expect([table, region]).toEqual(['register-table', 'eu-central-1']);
      return { bases: { load: async () => NO_BASES }, register: { load: async image => newRow(image) } };
    },
    evidence: (bucket, region) => {
      expect([bucket, region]).toEqual(['evidence-bucket', 'eu-central-1']);
      return { read: async key => (objects[key] === undefined ? undefined : Buffer.from(objects[key])) };
    },
  };
}

const ask = (world: World, stack = 'Platform') =>
  readDeployed({ stack, trust: undefined, environment: {} }, deployed(world));
const ACTIVE_POLICY = { policy: { revision: 7, sha256: sha256(POLICY) } };
const OBJECTS = { [policyKey(sha256(POLICY))]: POLICY, [waiversKey(sha256(WAIVERS))]: WAIVERS };

test('the policy and the waivers that are active, by repository', async () => {
  const chosen = await ask({
    ...ACTIVE_POLICY,
    waivers: { revision: 3, sha256: sha256(WAIVERS) },
    objects: OBJECTS,
  });
  expect(chosen.title).toBe('the policy of the stack Platform, revision 7');
  expect(await chosen.known!.bases.load()).toBe(NO_BASES);
  expect(chosen.waivers).toMatchObject({ revision: 3, waivers: [{ id: 'CVE-1' }] });
  expect(policyForImage(chosen, 'internet/shop', undefined).policy).toMatchObject({
    document: { name: 'strict' },
    revision: 7,
    sha256: sha256(POLICY),
  });
  expect(
    policyForImage(chosen, undefined, {
      account: '111111111111',
      region: 'eu-central-1',
      repository: 'team/app',
    }).policy,
  ).toMatchObject({ document: { name: 'standard' } });
  expect(() => policyForImage(chosen, undefined, undefined)).toThrow(/say with --repository/);
});

test('without waivers', async () => {
  expect((await ask({ ...ACTIVE_POLICY, objects: OBJECTS })).waivers).toEqual({ revision: 0, waivers: [] });
});

describe('is no policy', () => {
  test('where there is no such stack', () =>
    expect(ask({}, 'Other')).rejects.toThrow(/there is no stack "Other"/));
  test('where none is active', () =>
    expect(ask({})).rejects.toThrow(/has no active policy: deploy it in full/));
  test('what is not in the evidence', () =>
    expect(ask(ACTIVE_POLICY)).rejects.toThrow(/is not in the evidence bucket/));
  test('what is not what its name says', () =>
    expect(ask({ ...ACTIVE_POLICY, objects: { [policyKey(sha256(POLICY))]: `${POLICY} ` } })).rejects.toThrow(
      /or is not what its name says/,
    ));
  test('what this version does not know', () => {
    const text = '{"name":"new","maxAgeHours":1,"rules":[{"rule":"of-tomorrow","action":"deny"}]}';
    return expect(
      ask({ policy: { revision: 1, sha256: sha256(text) }, objects: { [policyKey(sha256(text))]: text } }),
    ).rejects.toThrow(/not valid for this version: .*of-tomorrow/);
  });
});
