import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { blocksOf, page } from './markdown';

const FILE = 'docs/guardrails.md';
const policies = blocksOf({ file: FILE, text: page(FILE) })
  .filter(({ language }) => language === 'json')
  .map(({ line, code }) => [`${FILE}:${line}`, code] as const);

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Of the Service Authorization Reference; a key that does not exist would deny everything, or nothing. */
const KEYS = ['aws:PrincipalArn', 'batch:Image', 'batch:EKSImage', 'codebuild:environment.image'];
/** @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const MOST_CHARACTERS = 5_120;

test.each(policies)('%s is a policy that only denies, by keys that exist, and fits', (_, code) => {
  const document = JSON.parse(code) as { readonly Statement: readonly Statement[] };
  expect(PolicyDocument.fromJson(document).validateForIdentityPolicy()).toEqual([]);
  expect(JSON.stringify(document).length).toBeLessThan(MOST_CHARACTERS);
  for (const { Sid, Effect, Condition } of document.Statement) {
    expect([Effect, /^[A-Za-z]+$/.test(Sid)]).toEqual(['Deny', true]);
    const keys = Object.values(Condition).flatMap(Object.keys);
    expect(keys.filter(key => !KEYS.includes(key))).toEqual([]);
    // a negated operator also matches where the key is missing
    const isAlwaysThere = keys.every(key => key.startsWith('aws:'));
    expect(isAlwaysThere || Object.keys(Condition).includes('Null')).toBe(true);
  }
});

test('there are four', () => expect(policies).toHaveLength(4));
