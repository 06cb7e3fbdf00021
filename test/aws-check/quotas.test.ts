import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import type { Check } from '../../aws-check/check';
import { requireQuotas } from '../../aws-check/quotas';
import { STEPS } from '../../aws-check/steps';
import { AwsFault, AwsServices, type AwsAnswers } from '../support/aws-services';

const NAME = 'Concurrently running builds for Linux/Small environment';
const quotas = (...values: number[]) => ({
  Quotas: values.map(Value => ({
    ServiceCode: 'codebuild',
    QuotaName: NAME,
    QuotaCode: 'L-2DC20C30',
    Value,
  })),
});

let services: AwsServices;
beforeAll(async () => {
  services = await AwsServices.start();
});
afterAll(() => services.stop());

/** What else the account has, for the second app: as much as AWS gives, of which it uses nothing. */
interface Account {
  readonly concurrency?: number;
  readonly rules?: number;
  readonly hooks?: number;
}

async function said(answers: AwsAnswers, account?: Account, endpoint?: string): Promise<string[]> {
  services.answers = answers;
  const lines: string[] = [];
  const { concurrency = 1000, rules = 0, hooks = 0 } = account ?? {};
  const check = {
    aws: {
      quotas: new ServiceQuotas({ ...services.options, maxAttempts: 1 }),
      lambda: {
        getAccountSettings: () =>
          Promise.resolve({ AccountLimit: { UnreservedConcurrentExecutions: concurrency } }),
      },
      ecr: {
        describeRepositories: () => Promise.resolve({ repositories: [{}] }),
        describePullThroughCacheRules: () =>
          Promise.resolve({ pullThroughCacheRules: Array(rules).fill({}) }),
      },
      cloudformation: {
        describeStacks: ({ NextToken }: { NextToken?: string }) =>
          Promise.resolve(NextToken === undefined ? { Stacks: [{}], NextToken: 'second' } : { Stacks: [{}] }),
        listTypes: () =>
          endpoint === undefined
            ? Promise.resolve({ TypeSummaries: Array(hooks).fill({}) })
            : Promise.reject(new Error('ListTypes is not emulated')),
      } as unknown as CloudFormation,
    },
    cloud: { region: 'us-east-1', endpoint },
    file: { state: { ...(account !== undefined && { secondApp: {} }) } },
    say: (line: string) => lines.push(line),
  };
  await requireQuotas(check as unknown as Check);
  return lines;
}

test('an account that may run no builds is told so, and how to ask for more', async () => {
  await expect(said({ ListServiceQuotas: () => quotas(0) })).rejects.toThrow(
    `the quota "${NAME}" of codebuild is 0, in use: 0, needed: 1 more, because no scan could run. Ask for more: aws service-quotas request-service-quota-increase --service-code codebuild --quota-code L-2DC20C30 --desired-value 1 --region us-east-1`,
  );
});

test('a default of 0 counts where the account has no value of its own', async () => {
  const answers = { ListServiceQuotas: () => quotas(), ListAWSDefaultServiceQuotas: () => quotas(0) };
  await expect(said(answers)).rejects.toThrow(`the quota "${NAME}" of codebuild is 0`);
});

test('any other number is said, and so is that there is none', async () => {
  expect(await said({ ListServiceQuotas: () => quotas(1) })).toEqual([
    `the quota "${NAME}" of codebuild: 1, in use: 0, needed: 1`,
  ]);
  const none = { ListServiceQuotas: () => quotas(), ListAWSDefaultServiceQuotas: () => quotas() };
  expect((await said(none))[0]).toContain('Service Quotas does not say');
});

test('an answer that does not come ends the check', async () => {
  const denied = () => new AwsFault('AccessDeniedException', 'no right to read quotas');
  await expect(said({ ListServiceQuotas: denied })).rejects.toThrow('no right to read quotas');
});

const ALL: AwsAnswers = {
  ListAWSDefaultServiceQuotas: () => ({ Quotas: [] }),
  ListServiceQuotas: () => ({
    Quotas: [
      ...quotas(1).Quotas,
      ...Object.entries({
        'Concurrent executions': 1000, // the default, also where the account has less
        'Registered repositories': 100_000,
        'Pull through cache rules per registry': 50,
        'Stack count': 2000,
      }).map(([QuotaName, Value]) => ({ QuotaName, Value, QuotaCode: 'L-1' })),
    ],
  }),
};

test('the second app needs more of the account, and a check without it does not ask', async () => {
  expect(await said(ALL, {})).toEqual([
    `the quota "${NAME}" of codebuild: 1, in use: 0, needed: 1`,
    'the quota "Concurrent executions" of lambda: 1000, in use: 0, needed: 10',
    'the quota "Registered repositories" of ecr: 100000, in use: 1, needed: 6',
    'the quota "Pull through cache rules per registry" of ecr: 50, in use: 0, needed: 1',
    'the quota "Stack count" of cloudformation: 2000, in use: 2, needed: 8',
    'the quota "Hooks per account" of cloudformation: 100, in use: 0, needed: 2',
  ]);
  expect(await said(ALL)).toHaveLength(1);
});

test('what is used up or too small is named all at once', async () => {
  const refused = said(ALL, { concurrency: 5, rules: 50, hooks: 99 });
  await expect(refused).rejects.toThrow('"Concurrent executions" of lambda is 5, in use: 0, needed: 10 more');
  await expect(refused).rejects.toThrow('"Pull through cache rules per registry" of ecr is 50, in use: 50');
  await expect(refused).rejects.toThrow(
    /"Hooks per account" of cloudformation is 100, in use: 99, .*\. See https:.*remove what nobody needs/,
  );
});

test('what the embedded cloud does not answer is left out by name', async () => {
  expect(await said(ALL, {}, 'http://127.0.0.1:4566')).toContain(
    'left out on the embedded cloud: the quota "Hooks per account" of cloudformation, Error: ListTypes is not emulated',
  );
});

test('they are read before anything is made', () => {
  const names = STEPS.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['nothing in the way', 'quotas', 'bootstrap']);
});
