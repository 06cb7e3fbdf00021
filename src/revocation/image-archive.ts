import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ArchiveImagesFunction } from './archive-images-function';
import { onlyRows } from '../access/only-rows';
import { AlertingWork } from '../alerts/alerting-work';
import { ImageAlerts } from '../alerts/image-alerts';
import { BASES_KEY } from '../core/bases/known-bases';
import { EnvironmentName, MetricName } from '../core/environment';
import { DAILY } from '../core/events/daily';
import { DetailType } from '../core/events/image-events';
import { RevocationDetailType } from '../core/events/revocation-events';
import { needsTags } from '../core/image/enrolment';
import type { Cause } from '../core/scanning/failed-scan';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { checkProperties, oneOf, optional, required, type Properties } from '../properties/properties';
import { checkEnvironmentSize } from '../queues/environment-size';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { RepositoryRights } from '../repository/repository-rights';
import { RepositorySelector, SELECTORS } from '../repository/repository-selector';
import { allowStartableInventory } from '../running/allow-inventory';
import { ownPart } from '../trust/own-part';
import { TrustRegister } from '../trust/trust-register';

/**
 * What happens to a refused image that runs or can be started, or of which that is not known.
 */
export enum ImagesInUse {
  /** It stays, an alert says why, and the next daily run looks again. */
  KEEP = 'KEEP',
  /** It is archived. What runs goes on, and **a task, job or function that starts again cannot pull it**. */
  ARCHIVE = 'ARCHIVE',
}

/**
 * Properties of an archive of refused images.
 */
export interface ImageArchiveProps {
  /**
   * The selectors of the repositories whose refused images are archived, at least one. Do not select
   * repositories whose images others build on: builds with a cache pull them seldom.
   */
  readonly repositories: RepositorySelector[];

  /** The register. Nothing is archived unless its newest verdict is FAIL. */
  readonly register: TrustRegister;

  /** The event bus, which delivers verdicts, in the stack of the archive. */
  readonly events: TrustEvents;

  /** Where its alerts and alarms go. */
  readonly alerts: ImageAlerts;

  /**
   * How long an image is refused before it is archived: 1 to 365 days. It counts from the first FAIL since
   * the last PASS.
   *
   * @default Duration.days(7)
   */
  readonly gracePeriod?: Duration;

  /**
   * What happens to images that run or can be started. What a break-glass grant allows is kept in any case.
   *
   * @default ImagesInUse.KEEP
   */
  readonly imagesInUse?: ImagesInUse;

  /**
   * The network that the function runs in. Without internet access it needs endpoints for `ecs` and `batch`
   * too.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

const IMAGE_ARCHIVE: Properties<ImageArchiveProps> = {
  repositories: required([RepositorySelector], SELECTORS),
  register: required(TrustRegister, ownPart('a TrustRegister', 'register', 'ImageArchive')),
  events: required(TrustEvents, ownPart('a TrustEvents', 'events', 'ImageArchive')),
  alerts: required(ImageAlerts, ownPart('an ImageAlerts', 'alerts', 'ImageArchive')),
  gracePeriod: optional(Duration, 'a Duration of 1 to 365 days, for example Duration.days(7)'),
  imagesInUse: optional(oneOf(ImagesInUse), 'ImagesInUse.KEEP or ImagesInUse.ARCHIVE'),
  network: IN_NETWORK,
};

/**
 * Archives images in Amazon ECR that a verdict has refused for a week: they cannot be pulled any more (404),
 * also where no gate asks. Nothing is deleted. An image that passes again is restored, and one whose old
 * report would pass, after a waiver for example, is restored and scanned. `aws ecr
 * update-image-storage-class` restores any other.
 *
 * Once a day it looks at every refused image. It leaves alone what ended without a verdict, what Amazon ECS
 * or AWS Lambda run in its account and region, what one of the newest 10 ACTIVE revisions of a task or job
 * definition names there, what was pulled since it was refused, what was restored within the grace period,
 * what an active break-glass grant allows, and the images of `ImageTrustProps.baseRepositories`. If it cannot
 * say what runs or can be started, it archives nothing. AWS CodeBuild, AWS App Runner, Amazon SageMaker,
 * Amazon EKS, instances and other accounts are not looked at: only their pulls are seen.
 *
 * Amazon ECR charges an archived image for at least 90 days.
 *
 * Its role may read the register and the break-glass grants, list what runs and can be started, and move
 * images of its repositories between storage classes. It can neither delete, push nor sign. Throws for a
 * grace period below 1 or above 365 days.
 */
export class ImageArchive extends Construct {
  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, props: ImageArchiveProps) {
    super(scope, id);
    checkProperties('ImageArchiveProps', props, IMAGE_ARCHIVE);
    const { repositories, register, events, alerts, network } = props;
    const { imagesInUse = ImagesInUse.KEEP } = props;
    const gracePeriod = props.gracePeriod ?? Duration.seconds(Seconds.archiveGrace);
    const days = gracePeriod.toDays({ integral: false });
    if (days < 1 || days > 365) {
      throw new Error(
        `gracePeriod of ${this.node.path} is ${days} days, allowed: 1 to 365; a new finding needs some days to be fixed or waived`,
      );
    }
    this.metrics = register._metrics;
    const work = new AlertingWork(this, 'Work', {
      ...{ events, register, alerts, network },
      seconds: Seconds.archiveImages,
      batchSize: 1, // no restore waits behind the daily run
    });
    new Rule(this, 'Daily', {
      description: 'Looks at refused images',
      schedule: Schedule.cron({ hour: '5', minute: '0' }),
      targets: [work.queue.asTarget(RuleTargetInput.fromObject(DAILY))],
    });
    events._onFor(this, 'RestorePassed', [DetailType.verdict], {
      target: work.queue.asTarget(),
      detail: { outcome: ['PASS'], previousOutcome: ['FAIL'] },
    });
    // the stored report would pass now, and is too old to say so: only a scan can, and that pulls
    events._onFor(this, 'RestoreOutdated', [DetailType.scanFailed], {
      target: work.queue.asTarget(),
      detail: { cause: ['REPORT_OUTDATED' satisfies Cause], standing: { outcome: ['FAIL'] } },
    });
    const selectors = repositories.map(repository => repository._enrolment());
    const options = work.handledBy('Archives refused images, and restores those that pass again', {
      [EnvironmentName.archiveGraceSeconds]: String(gracePeriod.toSeconds()),
      [EnvironmentName.imagesInUse]: imagesInUse,
      [EnvironmentName.repositories]: Stack.of(this).toJsonString(selectors),
      // undefined where there is no break-glass
      [EnvironmentName.grants]: Lazy.string({ produce: () => namesOf(register._grantsTables) }),
    });
    const archive = new ArchiveImagesFunction(this, 'Resource', options);
    checkEnvironmentSize(archive);
    work.startWith(archive, RevocationDetailType.archived, RevocationDetailType.restored);
    const tables = () => [register.table, ...register._grantsTables];
    Grant.addToPrincipal({
      grantee: archive,
      actions: ['dynamodb:Scan'],
      resourceArns: Lazy.list({ produce: () => tables().map(({ tableArn }) => tableArn) }),
    });
    Grant.addToPrincipal({
      grantee: archive,
      actions: ['dynamodb:GetItem'],
      resourceArns: [register.table.tableArn],
      conditions: onlyRows([BASES_KEY]),
    });
    if (needsTags(selectors)) {
      const resourceArns = [
        Stack.of(this).formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' }),
      ];
      Grant.addToPrincipal({ grantee: archive, actions: ['ecr:ListTagsForResource'], resourceArns });
    }
    const rights = new RepositoryRights(this, archive, ['ecr:DescribeImages', 'ecr:UpdateImageStorageClass']);
    for (const repository of repositories) rights.add(repository);
    if (imagesInUse === ImagesInUse.KEEP) allowStartableInventory(work.role);
  }

  /**
   * The number of images that were archived. Published once this is called. Sum over 5 minutes by default.
   */
  public metricArchived(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.imagesArchived, options);
  }

  /**
   * The number of images that passed again and were restored. Published once this is called. Sum over 5
   * minutes by default.
   */
  public metricRestored(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.imagesRestored, options);
  }
}

function namesOf(tables: readonly ITableV2[]): string | undefined {
  return tables.length === 0 ? undefined : tables.map(({ tableName }) => tableName).join(',');
}
