import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsSchemas } from './aws-schemas';
import { mistakesOfPatterns, type EventPattern } from './event-patterns';
import { EXCLUDED, KNOWN_OF_POLICIES, unexpected, unexpectedRegions } from './known';
import { withOwnEvents } from './published';
import { policiesIn, resolved, type Resources, type Templates } from './resolved';
import { templatesOfApps } from './templates';
import { ensureAwsData, type AwsData } from '../../local/tools/aws-data';
import { ensureEventRuler, type EventRuler } from '../../local/tools/event-ruler';
import {
  ensureTemplateCheckers,
  type TemplateCheckers,
  type TemplateFinding,
} from '../../local/tools/template-checkers';

/*
 * The templates of the apps, made once, before three judges that know what AWS publishes. Each is also shown
 * a mistake, which it has to find. CONTRIBUTING.md says how to write down that AWS's data is wrong.
 */

const MINUTES = 5 * 60_000; // for the first time, in which the judges are installed
const say = (line: string) => void process.stderr.write(`${line}\n`);

let templates: Templates;
let schemas: AwsSchemas;
let resources: Readonly<Record<string, Resources>>;

beforeAll(async () => {
  schemas = await AwsSchemas.load();
  templates = templatesOfApps();
  resources = resolved(templates, schemas);
}, MINUTES);

const all = () => Object.values(resources).flatMap(each => Object.values(each));

// Event Ruler is a program in Java
const hasJava = spawnSync('java', ['-version']).status === 0;
(hasJava ? describe : describe.skip)(
  'event patterns, by Event Ruler and the published events of AWS and of this library',
  () => {
    let ruler: EventRuler;
    const judge = (patterns: readonly EventPattern[]) =>
      mistakesOfPatterns(patterns, withOwnEvents(schemas), ruler);
    const patterns = (): EventPattern[] => {
      const found = all()
        .filter(({ Type, Properties }) => Type === 'AWS::Events::Rule' && 'EventPattern' in Properties!)
        .map(({ Properties }) => JSON.stringify(Properties!.EventPattern));
      return [...new Set(found)].map(text => JSON.parse(text) as EventPattern);
    };

    beforeAll(async () => {
      ruler = await ensureEventRuler(say);
    }, MINUTES);

    test('match what they are there for, and nothing that differs in a field', async () => {
      const mistakes = await judge(patterns());
      expect(patterns().filter((_, at) => mistakes[at]!.length > 0)).toEqual([]);
      expect(mistakes.flat()).toEqual([]);
      expect(new Set(patterns().flatMap(({ source }) => source))).toEqual(
        new Set([
          'aws.apprunner',
          'aws.batch',
          'aws.codebuild',
          'aws.ecr',
          'aws.ecs',
          'aws.kms',
          'aws.lambda',
          'aws.s3',
          'aws.sagemaker',
          'trusted-images',
        ]),
      );
    });

    const PUSH = {
      source: ['aws.ecr'],
      'detail-type': ['ECR Image Action'],
      detail: { 'repository-name': [{ prefix: 'team/' }], result: ['SUCCESS'] },
    };
    const PLANTED: readonly (readonly [string, EventPattern, RegExp])[] = [
      [
        'a field that the event does not have',
        { ...PUSH, detail: { repositoryName: ['team/app'] } },
        /detail\.repositoryName is no field that AWS publishes/,
      ],
      [
        'a field of another depth',
        { ...PUSH, source: ['aws.s3'], 'detail-type': ['Object Created'], detail: { bucket: ['evidence'] } },
        /detail\.bucket is string, AWS has: object/,
      ],
      [
        'a value of another type',
        {
          ...PUSH,
          source: ['aws.ecs'],
          'detail-type': ['ECS Task State Change'],
          detail: { version: ['4'] },
        },
        /detail\.version is string, AWS has: number/,
      ],
      [
        'an event that the service does not send',
        { ...PUSH, 'detail-type': ['ECR Image Push'] },
        /aws\.ecr sends no "ECR Image Push" that AWS publishes/,
      ],
      [
        'a filter that EventBridge does not know',
        { ...PUSH, detail: { 'repository-name': [{ startsWith: 'team/' }] } },
        /is no pattern: Unrecognized match type startsWith/,
      ],
      [
        'a field that changes nothing',
        { ...PUSH, detail: { 'repository-name': [{ prefix: '' }] } },
        /matches .*"something else".* which is about something else/,
      ],
      [
        "a field that this library's own event does not have",
        { source: ['trusted-images'], 'detail-type': ['Image Verdict'], detail: { verdict: ['PASS'] } },
        /detail\.verdict is no field/,
      ],
    ];
    test('with a mistake are found', async () => {
      const [sound, ...planted] = await judge([PUSH, ...PLANTED.map(([, pattern]) => pattern)]);
      expect(sound).toEqual([]);
      expect(PLANTED.map(([what], at) => [what, planted[at]!.join('\n')])).toEqual(
        PLANTED.map(([what, , mistake]) => [what, expect.stringMatching(mistake)]),
      );
    });
  },
);

describe("policies, by AWS's service authorization reference", () => {
  let data: AwsData;

  beforeAll(async () => {
    data = await ensureAwsData(say);
  }, MINUTES);

  test('name actions, condition keys and resources that their services have', async () => {
    const found = Object.entries(resources).flatMap(([name, each]) => policiesIn(name, each));
    const mistakes = await data.mistakesOfPolicies(found.map(({ policy }) => policy));
    const refused = found.filter((_, at) =>
      mistakes[at]!.some(each => !KNOWN_OF_POLICIES.some(({ mistake }) => mistake.test(each))),
    );
    expect(refused.map(({ of }) => of)).toEqual([]);
    expect(unexpected(mistakes.flat(), KNOWN_OF_POLICIES)).toEqual([]);
    expect(found.length).toBeGreaterThan(350);
  });

  const READ = {
    Effect: 'Allow',
    Action: 'dynamodb:GetItem',
    Resource: 'arn:aws:dynamodb:us-east-1:111122223333:table/register',
  };
  const condition = (operator: string, key: string, value: string) => ({
    ...READ,
    Condition: { [operator]: { [key]: value } },
  });
  const PLANTED: readonly (readonly [string, object, RegExp])[] = [
    ['a misspelt action', { ...READ, Action: 'dynamodb:GetItems' }, /^UNKNOWN_ACTION .*GetItems/],
    ['an unknown service', { ...READ, Action: 'dynamo:GetItem' }, /^UNKNOWN_PREFIX .*dynamo/],
    [
      'a misspelt condition key of a service',
      condition('StringEquals', 'dynamodb:LeadingKey', 'current'),
      /^UNKNOWN_CONDITION_FOR_ACTION .*dynamodb:LeadingKey for action dynamodb:GetItem/,
    ],
    [
      'a misspelt condition key of all services',
      condition('StringEquals', 'aws:SourceAcount', '111122223333'),
      /^UNKNOWN_CONDITION_FOR_ACTION .*aws:SourceAcount/,
    ],
    ['an unknown operator', condition('StringIs', 'aws:SourceAccount', '1'), /^UNKNOWN_OPERATOR /],
    [
      'a resource of another kind',
      { ...READ, Resource: 'arn:aws:sqs:us-east-1:111122223333:register' },
      /^RESOURCE_MISMATCH .*dynamodb:GetItem/,
    ],
    [
      "a misspelt action in a repository's own policy",
      { Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImages' },
      /^UNKNOWN_ACTION .*BatchGetImages/,
    ],
  ];
  test('with a mistake are found', async () => {
    const statements = [READ, ...PLANTED.map(([, statement]) => statement)];
    const [sound, ...planted] = await data.mistakesOfPolicies(
      statements.map(each => ({ Statement: [each] })),
    );
    expect(sound).toEqual([]);
    expect(PLANTED.map(([what], at) => [what, planted[at]])).toEqual(
      PLANTED.map(([what, , mistake]) => [what, [expect.stringMatching(mistake)]]),
    );
    expect(unexpected(planted.flat(), KNOWN_OF_POLICIES)).toEqual(expect.arrayContaining(planted.flat()));
  });
});

describe("regions, by the schemas of AWS's resources", () => {
  let checkers: TemplateCheckers;

  beforeAll(async () => {
    checkers = await ensureTemplateCheckers(say);
  }, MINUTES);

  test('have the types of all resources, but for those that are excluded', async () => {
    const types = [...new Set(all().map(({ Type }) => Type))].filter(type => type.startsWith('AWS::'));
    const lacking = await checkers.typesLackingIn(types);
    expect(Object.keys(lacking).length).toBeGreaterThan(30);
    expect(unexpectedRegions(lacking, EXCLUDED)).toEqual([]);
  });

  test('without a service are found, and so is an exclusion that nothing needs any more', async () => {
    const lacking = await checkers.typesLackingIn(['AWS::CodeBuild::Project', 'AWS::Lambda::Function']);
    expect(unexpectedRegions(lacking, [])).toContain('ca-west-1 lacks AWS::CodeBuild::Project');
    const excluded = [{ type: 'AWS::Lambda::Function', regions: ['ca-west-1'], why: 'a mistake' }];
    expect(unexpectedRegions(lacking, excluded)).toContain(
      'known, and not found any more: ca-west-1 lacks AWS::Lambda::Function',
    );
  });

  const isExcluded = (rule: string, message: string) =>
    rule === 'E3006' &&
    EXCLUDED.some(({ type, regions }) =>
      regions.some(region => message === `Resource type '${type}' does not exist in '${region}'`),
    );

  async function lint(name: string, template: object, where: string[]): Promise<TemplateFinding[]> {
    const folder = mkdtempSync(join(tmpdir(), 'regions-'));
    try {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(template));
      const found = await checkers.cfnLint([file], where);
      return found.filter(({ rule, message }) => !/^[WI]/.test(rule) && !isExcluded(rule, message));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test(
    'with a property of another type, or of no type, or without a service, are found in a template',
    async () => {
      const Properties = {
        Role: 'arn:aws:iam::111122223333:role/app',
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Code: { ZipFile: 'exports.handler = () => {}' },
      };
      const planted = {
        Resources: {
          Sound: { Type: 'AWS::Lambda::Function', Properties },
          Type: { Type: 'AWS::Lambda::Function', Properties: { ...Properties, MemorySize: 'much' } },
          Name: { Type: 'AWS::Lambda::Function', Properties: { ...Properties, MemorySizes: 512 } },
          Region: {
            Type: 'AWS::AppRunner::Service',
            Properties: {
              SourceConfiguration: {
                ImageRepository: { ImageIdentifier: 'public.ecr.aws/team/app:1', ImageRepositoryType: 'ECR' },
              },
            },
          },
        },
      };
      const found = await lint('planted', planted, ['us-east-1', 'eu-north-1']);
      expect(found.map(({ resource, rule }) => `${resource} ${rule}`).sort()).toEqual([
        'Name E3002',
        'Region E3006',
        'Type E3012',
      ]);
    },
    MINUTES,
  );

  // cfn-lint needs ten seconds for each template: every night
  if (process.env.REGIONS !== 'all') return;
  test(
    'take the properties of all resources, but where a type is excluded',
    async () => {
      for (const [name, template] of Object.entries(templates)) {
        expect(await lint(name, template, ['ALL_REGIONS'])).toEqual([]);
      }
    },
    60 * 60_000,
  );
});
