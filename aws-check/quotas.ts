import {
  paginateListAWSDefaultServiceQuotas,
  paginateListServiceQuotas,
  type ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import { messageOf, type Check } from './check';
import { quotaNameOf } from '../src/core/doctor/build-quota';

/** What a check needs of the account and region, and how it is asked what there is. */
interface Need {
  /** As Service Quotas calls the service. */
  readonly service: string;
  /** As Service Quotas calls the quota. */
  readonly quota: string;
  /** Beyond what the account uses already. */
  readonly needed: number;
  readonly why: string;
  readonly used?: (check: Check) => Promise<number>;
  /** Where another API knows better, or Service Quotas does not list it. */
  readonly value?: (check: Check) => Promise<number | undefined>;
}

/** The machine of the quickstart's scans. */
const BUILDS: Need = {
  service: 'codebuild',
  quota: quotaNameOf('LINUX_CONTAINER', 'BUILD_GENERAL1_SMALL'),
  needed: 1,
  why: 'no scan could run',
};

const OF_EVERY_CHECK: readonly Need[] = [BUILDS];

/** CloudFormation's guide has this number, and no API. */
const HOOKS_OF_ACCOUNT = 100;

const OF_SECOND_APP: readonly Need[] = [
  {
    service: 'lambda',
    quota: 'Concurrent executions',
    needed: 10, // the least that AWS gives to a new account
    why: 'hooks of CloudFormation and of Amazon ECS refuse what a throttled gate does not answer',
    // Service Quotas shows the default where AWS gave an account less
    value: async ({ aws }) =>
      (await aws.lambda.getAccountSettings({})).AccountLimit?.UnreservedConcurrentExecutions,
  },
  {
    service: 'ecr',
    quota: 'Registered repositories',
    needed: 6,
    why: 'the cache makes three, the app one and the tests more',
    used: async ({ aws }) =>
      countOf(async nextToken => {
        const { repositories = [], nextToken: next } = await aws.ecr.describeRepositories({ nextToken });
        return [repositories.length, next];
      }),
  },
  {
    service: 'ecr',
    quota: 'Pull through cache rules per registry',
    needed: 1,
    why: 'the second app has a cache of its own',
    used: async ({ aws }) =>
      countOf(async nextToken => {
        const { pullThroughCacheRules = [], nextToken: next } = await aws.ecr.describePullThroughCacheRules({
          nextToken,
        });
        return [pullThroughCacheRules.length, next];
      }),
  },
  {
    service: 'cloudformation',
    quota: 'Stack count',
    needed: 8,
    why: 'the check deploys so many',
    used: async ({ aws }) =>
      countOf(async NextToken => {
        const { Stacks = [], NextToken: next } = await aws.cloudformation.describeStacks({ NextToken });
        return [Stacks.length, next];
      }),
  },
  {
    service: 'cloudformation',
    quota: 'Hooks per account',
    needed: 2,
    why: 'the gate of CloudFormation has two',
    value: () => Promise.resolve(HOOKS_OF_ACCOUNT),
    used: async ({ aws }) =>
      countOf(async NextToken => {
        const { TypeSummaries = [], NextToken: next } = await aws.cloudformation.listTypes({
          Type: 'HOOK',
          Visibility: 'PRIVATE',
          NextToken,
        });
        return [TypeSummaries.length, next];
      }),
  },
];

interface Found {
  readonly value?: number;
  /** By which Service Quotas is asked for more. */
  readonly code?: string;
}

/** How many builds the account may run at once. */
export async function buildsAtOnce(check: Pick<Check, 'aws'>): Promise<{ quota: string; value?: number }> {
  const { value } = await listed(check, BUILDS);
  return { quota: BUILDS.quota, ...(value !== undefined && { value }) };
}

/**
 * Before anything is made: where a quota is 0 or too small, a deployment fails after minutes, and its removal
 * takes as long. All that are too small are named at once, because AWS raises them within days.
 */
export async function requireQuotas(check: Check): Promise<void> {
  const needs = [...OF_EVERY_CHECK, ...(check.file.state.secondApp === undefined ? [] : OF_SECOND_APP)];
  const refused: string[] = [];
  for (const need of needs) {
    const why = await tooSmall(check, need);
    if (why !== undefined) refused.push(why);
  }
  if (refused.length > 0) {
    throw new Error(
      `nothing was made yet, and the quotas of the account are too small:\n${refused.join('\n')}`,
    );
  }
}

async function tooSmall(check: Check, need: Need): Promise<string | undefined> {
  const { service, quota, needed, why } = need;
  const title = `the quota "${quota}" of ${service}`;
  let found: Found;
  let used: number;
  try {
    found = await read(check, need);
    used = (await need.used?.(check)) ?? 0;
  } catch (error) {
    // AWS has these calls: whoever may not make them cannot know what would fail
    if (check.cloud.endpoint === undefined || need === BUILDS) throw error;
    check.say(`left out on the embedded cloud: ${title}, ${messageOf(error)}`);
    return undefined;
  }
  const { value } = found;
  check.say(`${title}: ${value ?? 'Service Quotas does not say'}, in use: ${used}, needed: ${needed}`);
  if (value === undefined || value - used >= needed) return undefined;
  return `- ${title} is ${value}, in use: ${used}, needed: ${needed} more, because ${why}. ${remedy(check, need, found, used + needed)}`;
}

function remedy({ cloud: { region } }: Check, { service }: Need, { code }: Found, wanted: number): string {
  const page = `https://${region}.console.aws.amazon.com/servicequotas/home/services/${service}/quotas`;
  if (code === undefined) {
    return `See ${page}, remove what nobody needs, or give another account or --region.`;
  }
  return `Ask for more: aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${wanted} --region ${region}, or at ${page}/${code}; or give another account or --region.`;
}

async function read(check: Check, need: Need): Promise<Found> {
  const { value, code } = await listed(check, need);
  return { value: need.value === undefined ? value : await need.value(check), code };
}

/** The value for this account, or the default where there is none. Without one, it is not listed. */
async function listed({ aws }: Pick<Check, 'aws'>, { service, quota }: Need): Promise<Found> {
  const asked = { ServiceCode: service };
  for (const pages of [
    paginateListServiceQuotas({ client: aws.quotas }, asked),
    paginateListAWSDefaultServiceQuotas({ client: aws.quotas }, asked),
  ]) {
    for await (const { Quotas = [] } of pages as AsyncIterable<{ Quotas?: ServiceQuota[] }>) {
      const found = Quotas.find(({ QuotaName, Value }) => QuotaName === quota && Value !== undefined);
      if (found !== undefined) return { value: found.Value, code: found.QuotaCode };
    }
  }
  return {};
}

async function countOf(
  page: (token: string | undefined) => Promise<[count: number, next: string | undefined]>,
): Promise<number> {
  let all = 0;
  let token: string | undefined;
  do {
    const [count, next] = await page(token);
    all += count;
    token = next;
  } while (token !== undefined && token !== '');
  return all;
}
