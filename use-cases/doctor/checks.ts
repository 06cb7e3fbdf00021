import * as z from 'zod';
import type { Reading } from './reading';
import { inParallel } from '../../adapters/in-parallel';
import { AlertTopics } from '../../src/core/alerts/alert-topics';
import { billedMetrics, pollersOf } from '../../src/core/cost/workload';
import { alarmActions, alarmsInAlarm, type AlarmState } from '../../src/core/doctor/alarms';
import { brake } from '../../src/core/doctor/brake';
import { buildQuota, quotaNameOf } from '../../src/core/doctor/build-quota';
import { bundles, isSignature, sampleOf, signedIn } from '../../src/core/doctor/bundles';
import { costToday, runsADay } from '../../src/core/doctor/cost-today';
import { coverage } from '../../src/core/doctor/coverage';
import { databaseAge, databaseMirrors } from '../../src/core/doctor/database';
import { deadLetters } from '../../src/core/doctor/dead-letters';
import { deploymentProbe } from '../../src/core/doctor/deployment-probe';
import { eventRules } from '../../src/core/doctor/event-rules';
import { eventSources } from '../../src/core/doctor/event-sources';
import { functionConcurrency } from '../../src/core/doctor/function-concurrency';
import { functions } from '../../src/core/doctor/functions';
import { keys } from '../../src/core/doctor/keys';
import type { KnownImage } from '../../src/core/doctor/known-image';
import { secondsSince, type Look } from '../../src/core/doctor/line';
import { pushes } from '../../src/core/doctor/pushes';
import { runtimes } from '../../src/core/doctor/runtimes';
import { subscribers } from '../../src/core/doctor/subscribers';
import { trail } from '../../src/core/doctor/trail';
import type { Permission } from '../../src/core/doctor/unread';
import { waiting } from '../../src/core/doctor/waiting';
import { hasExpired } from '../../src/core/evidence/verdict';
import { CALL_EVENT } from '../../src/core/running/read-sighting';
import { isBackground } from '../../src/core/scanning/priority';
import { OWN_REGISTRY } from '../../src/core/scanning/scan-job';
import { priorityOf } from '../../src/core/scanning/scan-request';
import { parseJson } from '../../src/core/text/json';
import { AtOnce, Seconds } from '../../src/core/times';
import { partOf, type DeployedTrust } from '../deployed-trust/find-trust';
import { deployedValue } from '../deployed-trust/template-values';

/** One question about a deployed trust. */
export interface Check {
  readonly what: string;
  /** The rights that it needs, in the words of IAM. */
  readonly needs: (reading: Reading) => readonly Permission[];
  readonly look: (reading: Reading) => Promise<Look>;
}

const any = (action: string): Permission => ({ action, resource: '*' });

/** In the order of a stack's life: what may run, what is heard, what was found, who is notified. */
export const CHECKS: readonly Check[] = [
  {
    what: 'deployment probe',
    needs: () => [], // the stack was read before
    look: async ({ trust, resources }) => {
      const [probe] = resources('Custom::ScannerProbe');
      return deploymentProbe({
        stackStatus: trust.stackStatus,
        probe: probe === undefined ? undefined : { status: probe.status ?? 'unknown', at: probe.at },
      });
    },
  },
  {
    what: 'builds at once',
    needs: ({ arn, register }) => [
      any('servicequotas:ListServiceQuotas'),
      any('servicequotas:ListAWSDefaultServiceQuotas'),
      { action: 'dynamodb:Scan', resource: arn('dynamodb', `table/${register}`) },
    ],
    look: async reading => {
      const quotaName = quotaNameOf(...computeOf(reading));
      const [quota, { images, slots }] = await Promise.all([
        reading.readers.buildQuota(quotaName),
        reading.known(),
      ]);
      return buildQuota({
        quotaName,
        quota,
        wanted: Number(partOf(reading.trust, 'concurrency')),
        measured: slots?.measured,
        refused: failedIn(reading, [...images.values()]).get('BUILD_QUOTA_ZERO') ?? 0,
        passed: [...images.values()].filter(each => isRenewed(each, reading.now)).length,
        scanSeconds: slots?.scanSeconds,
      });
    },
  },
  {
    what: 'functions at once',
    needs: () => [any('lambda:GetAccountSettings')],
    look: async reading => {
      const sources = reading.resources('AWS::Lambda::EventSourceMapping');
      const all = reading.resources('AWS::Lambda::Function');
      const called = new Set(sources.map(({ properties }) => JSON.stringify(properties.FunctionName)));
      return functionConcurrency({
        unreserved: await reading.readers.unreservedFunctions(),
        // without a maximum, the account's own is the only one
        eventSources: sources.map(
          ({ properties }) =>
            (properties.ScalingConfig as { MaximumConcurrency?: number } | undefined)?.MaximumConcurrency ??
            1,
        ),
        others: all.filter(({ logicalId }) => !called.has(JSON.stringify({ Ref: logicalId }))).length,
      });
    },
  },
  {
    what: 'functions',
    needs: ({ arn }) => [{ action: 'lambda:GetFunction', resource: arn('lambda', 'function:*') }],
    look: async reading =>
      functions(
        await inParallel(
          AtOnce.queries,
          reading.resources('AWS::Lambda::Function'),
          async ({ physicalId, logicalId }) => ({
            name: logicalId,
            state: undefined,
            reserved: undefined,
            ...(await reading.readers.functionState(physicalId)),
          }),
        ),
      ),
  },
  {
    what: 'runtimes of functions',
    needs: () => [], // the stack was read before
    look: async ({ resources, now }) =>
      runtimes(
        resources('AWS::Lambda::Function').map(({ properties }) => String(properties.Runtime)),
        now,
      ),
  },
  {
    what: 'event sources of functions',
    needs: ({ arn }) => [
      { action: 'lambda:GetEventSourceMapping', resource: arn('lambda', 'event-source-mapping:*') },
    ],
    look: async reading =>
      eventSources(
        await inParallel(
          AtOnce.queries,
          reading.resources('AWS::Lambda::EventSourceMapping'),
          async ({ physicalId, properties, logicalId }) => ({
            name: (properties.FunctionName as { Ref?: string } | undefined)?.Ref ?? logicalId,
            state: await reading.readers.eventSource(physicalId),
          }),
        ),
      ),
  },
  {
    what: 'event rules',
    needs: ({ arn }) => [
      { action: 'events:DescribeRule', resource: arn('events', 'rule/*') },
      { action: 'events:ListTargetsByRule', resource: arn('events', 'rule/*') },
    ],
    look: async reading =>
      eventRules(
        await inParallel(
          AtOnce.queries,
          reading.resources('AWS::Events::Rule'),
          async ({ physicalId, properties, logicalId }) => ({
            name: logicalId,
            wanted: ((properties.Targets ?? []) as { Id: string }[]).map(({ Id }) => Id),
            state: undefined,
            ...(await reading.readers.rule(
              // on a bus of its own, CloudFormation calls it `bus|name`
              physicalId.split('|').at(-1)!,
              deployedValue(properties.EventBusName, reading.trust.facts),
            )),
          }),
        ),
      ),
  },
  {
    what: 'trail of calls',
    // a trail may be of another region, and of the account that manages the organization
    needs: () =>
      ['DescribeTrails', 'GetTrailStatus', 'GetEventSelectors'].map(name => any(`cloudtrail:${name}`)),
    look: async reading => trail(await reading.readers.trails(), sourcesOfCalls(reading)),
  },
  {
    what: 'pushes heard',
    needs: reading => [...needsOfKnown(reading), ...needsOfListing(reading)],
    look: async reading => {
      const [listing, known] = await Promise.all([reading.listing(), reading.known()]);
      return pushes(listing, known, reading.now);
    },
  },
  {
    what: 'oldest waiting push or deployment',
    needs: needsOfWaiting,
    look: reading => oldestWaiting(reading, false),
  },
  {
    what: 'oldest waiting renewal or old image',
    needs: needsOfWaiting,
    look: reading => oldestWaiting(reading, true),
  },
  {
    what: 'dead letters',
    needs: needsOfQueues,
    look: async reading => {
      const queues = await reading.queues();
      const dead = new Set(queues.map(({ deadLetters: of }) => of));
      return deadLetters(queues.filter(({ arn }) => dead.has(arn)));
    },
  },
  {
    what: 'vulnerability database',
    needs: needsOfKnown,
    look: async reading => {
      const rows = [...(await reading.known()).images.values()];
      const failed = [...failedIn(reading, rows)].filter(([cause]) => cause.startsWith('DATABASE_'));
      return databaseAge(
        rows.flatMap(({ verdict }) => verdict ?? []),
        Object.fromEntries(failed),
      );
    },
  },
  {
    what: 'databases in Amazon ECR',
    needs: ({ arn }) => [{ action: 'ecr:DescribeImages', resource: arn('ecr', 'repository/*') }],
    look: async reading => {
      const databases = databasesIn(reading);
      const mirrors =
        databases &&
        (await inParallel(AtOnce.queries, databases, async ({ reference, repository, image }) => ({
          reference,
          pushedAt: await reading.readers.pushedAt(repository, image),
        })));
      return databaseMirrors(mirrors, reading.now);
    },
  },
  {
    what: 'images with a verdict',
    needs: reading => [...needsOfKnown(reading), ...needsOfListing(reading)],
    look: async reading => {
      const [listing, known] = await Promise.all([reading.listing(), reading.known()]);
      return coverage(listing, known, reading.now);
    },
  },
  {
    what: 'brake on revocations',
    needs: needsOfKnown,
    look: async reading => brake(await reading.known(), reading.now),
  },
  {
    what: 'signatures in the registry',
    needs: reading => [
      ...needsOfKnown(reading),
      ...needsOfListing(reading),
      { action: 'ecr:BatchGetImage', resource: reading.arn('ecr', 'repository/*') },
    ],
    look: signatures,
  },
  {
    what: 'keys',
    needs: ({ arn }) => [{ action: 'kms:DescribeKey', resource: arn('kms', 'key/*') }],
    look: async reading =>
      keys(
        await inParallel(AtOnce.queries, keysOf(reading), async each => ({
          ...each,
          ...(await reading.readers.key(each.arn)),
        })),
      ),
  },
  {
    what: 'actions of alarms',
    needs: () => [any('cloudwatch:DescribeAlarms')],
    look: async reading => alarmActions(await alarmsOf(reading)),
  },
  {
    what: 'alarms',
    needs: () => [any('cloudwatch:DescribeAlarms')],
    look: async reading => alarmsInAlarm(await alarmsOf(reading)),
  },
  {
    what: 'subscribers of alerts',
    needs: ({ trust }) =>
      alertTopicsOf(trust).map(resource => ({ action: 'sns:ListSubscriptionsByTopic', resource })),
    look: async ({ trust, readers }) =>
      subscribers(
        await Promise.all(
          alertTopicsOf(trust).map(async arn => ({ arn, ...(await readers.subscriptions(arn)) })),
        ),
      ),
  },
  {
    what: 'cost a day',
    needs: reading => [...needsOfKnown(reading), ...needsOfListing(reading)],
    look: async reading => {
      const [listing, known] = await Promise.all([reading.listing(), reading.known()]);
      const schedules = reading
        .resources('AWS::Events::Rule')
        .flatMap(({ properties }) => (properties.ScheduleExpression as string | undefined) ?? []);
      const deployed = {
        keys: keysOf(reading).length,
        alarms: reading
          .resources('AWS::CloudWatch::Alarm')
          .reduce((sum, { properties }) => sum + billedMetrics(properties), 0),
        pollers: reading
          .resources('AWS::Lambda::EventSourceMapping')
          .reduce((sum, { properties }) => sum + pollersOf(properties), 0),
        scheduledRuns: schedules.reduce((sum, schedule) => sum + runsADay(schedule), 0),
      };
      return costToday(deployed, listing, known, reading.now);
    },
  },
];

function needsOfKnown({ arn, register }: Reading): Permission[] {
  return [{ action: 'dynamodb:Scan', resource: arn('dynamodb', `table/${register}`) }];
}

function needsOfListing({ arn }: Reading): Permission[] {
  return ['ecr:DescribeRepositories', 'ecr:DescribeImages', 'ecr:ListTagsForResource'].map(action => ({
    action,
    resource: arn('ecr', 'repository/*'),
  }));
}

function needsOfQueues({ arn }: Reading): Permission[] {
  return [{ action: 'sqs:GetQueueAttributes', resource: arn('sqs', '*') }];
}

function needsOfWaiting(reading: Reading): Permission[] {
  return [any('cloudwatch:GetMetricData'), ...needsOfKnown(reading), ...needsOfQueues(reading)];
}

/** Type and size of the machine that scans run on. */
function computeOf(reading: Reading): [string, string] {
  const project = partOf(reading.trust, 'scanProject');
  const found = reading.resources('AWS::CodeBuild::Project').find(({ physicalId }) => physicalId === project);
  const { Type, ComputeType } = (found?.properties.Environment ?? {}) as Record<string, string>;
  return [Type ?? '', ComputeType ?? ''];
}

/** Services whose calls rules wait for: those that change the signing key, and those that run images. */
function sourcesOfCalls({ resources }: Reading): string[] {
  const patterns = resources('AWS::Events::Rule').map(({ properties }) =>
    CallPattern.safeParse(properties.EventPattern),
  );
  return [...new Set(patterns.flatMap(({ data }) => data?.source ?? []))].sort();
}

const CallPattern = z.object({
  source: z.array(z.string()),
  'detail-type': z.array(z.string()).refine(types => types.includes(CALL_EVENT)),
});

/** An index is not scanned: its images are. */
function isRenewed({ kind, verdict }: KnownImage, now: Date): boolean {
  return kind === 'image' && verdict?.outcome === 'PASS' && !hasExpired(verdict, now);
}

/** Images whose last scan failed within the time that a verdict holds, by cause. */
function failedIn({ now }: Reading, rows: readonly KnownImage[]): Map<string, number> {
  const causes = new Map<string, number>();
  for (const { lastFailedScan: failed } of rows) {
    if (failed === undefined || secondsSince(failed.at, now) > Seconds.verdictMaxAge) continue;
    causes.set(failed.cause, (causes.get(failed.cause) ?? 0) + 1);
  }
  return causes;
}

async function oldestWaiting(reading: Reading, background: boolean): Promise<Look> {
  const { trust, now } = reading;
  const url = partOf(trust, background ? 'backgroundRequests' : 'scanRequests');
  const [byMetric, { slots }, queues] = await Promise.all([
    reading.lateness(),
    reading.known(),
    reading.queues(),
  ]);
  return waiting(
    {
      isBackground: background,
      byMetric,
      inLine: (slots?.line ?? [])
        .filter(request => isBackground(priorityOf(request)) === background)
        .map(({ at }) => at),
      messages: queues.find(queue => queue.url === url)?.visible,
    },
    now,
  );
}

/**
 * `<account>.dkr.ecr.<region>.<suffix>/<repository>:<tag>` in the buildspec, of this account and region. What
 * is pulled through a cache has the text by which the build's shell knows this registry in place of the host.
 */
function databasesIn({ trust, resources }: Reading) {
  const [project] = resources('AWS::CodeBuild::Project');
  const { BuildSpec } = (project?.properties.Source ?? {}) as { BuildSpec?: unknown };
  const text = deployedValue(BuildSpec, trust.facts);
  const suffix = deployedValue({ Ref: 'AWS::URLSuffix' }, trust.facts);
  const registry = `${trust.account}.dkr.ecr.${trust.region}.${suffix}`;
  const hosts = [registry, OWN_REGISTRY].map(escaped).join('|');
  const pattern = new RegExp(
    `db-repository=(?:${hosts})/(([a-z0-9._/-]+)(?::([\\w.-]+)|@(sha256:[0-9a-f]{64})))`,
    'g',
  );
  return text === undefined
    ? undefined
    : [...text.matchAll(pattern)].map(([, path, repository, imageTag, imageDigest]) => ({
        reference: `${registry}/${path}`,
        repository: repository!,
        image: imageDigest === undefined ? { imageTag } : { imageDigest },
      }));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function signatures(reading: Reading): Promise<Look> {
  const [listing, known] = await Promise.all([reading.listing(), reading.known()]);
  const signed = signedIn(listing, known, reading.now);
  const looked = await inParallel(AtOnce.queries, sampleOf(signed), async ({ image }) => {
    for await (const referrer of reading.readers.referrers(image)) {
      if (isSignature(referrer)) return { image, hasBundle: true };
    }
    return { image, hasBundle: false };
  });
  return bundles(signed, looked);
}

/** The keys that sign and are believed, and those that encrypt what the trust keeps. */
function keysOf({ trust, resources, arn }: Reading) {
  const { signingKey } = trust.parts;
  const signing = new Set([
    ...trust.pinned.map(key => key.arn),
    ...(signingKey === undefined ? [] : [signingKey]),
  ]);
  const others = resources('AWS::KMS::Key').map(({ physicalId }) => arn('kms', `key/${physicalId}`));
  return [
    ...[...signing].map(each => ({ arn: each, signs: true })),
    ...others.filter(each => !signing.has(each)).map(each => ({ arn: each, signs: false })),
  ];
}

async function alarmsOf(reading: Reading): Promise<AlarmState[]> {
  const there = await reading.alarms();
  return reading.resources('AWS::CloudWatch::Alarm').map(({ logicalId, physicalId }) => {
    const alarm = there.find(({ name }) => name === physicalId);
    return { name: logicalId, state: alarm?.state, hasActions: alarm?.hasActions ?? false };
  });
}

function alertTopicsOf({ parts: { alertTopics } }: DeployedTrust): string[] {
  const read = AlertTopics.safeParse(parseJson(alertTopics ?? ''));
  return read.success ? read.data.map(({ arn }) => arn) : [];
}
