import { Stack, Token, type ResourceEnvironment } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Grant, PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import type { ImportOptions } from './import-props';
import { IMAGE_ROWS, onlyRows } from '../access/only-rows';
import type { AlertTopic } from '../alerts/alert-topic';
import { grantSend, ownTopic, topicsEnvironment, type BoundTopic } from '../alerts/own-topic';
import { EnvironmentName } from '../core/environment';
import { PolicyRow } from '../core/policy/policy-table';
import { grantKeysOf } from '../core/trust/grant';
import type { GateAccess } from '../gates/gate-access';
import type { IImageTrust } from '../gates/i-image-trust';
import { RESOLVE } from '../gates/own-access';
import { TrustGate } from '../gates/trust-gate';
import { RequestedMetrics } from '../queues/requested-metrics';
import { RepositorySelector } from '../repository/repository-selector';

/** The keys that gates accept. */
export type ImportedKeys =
  /** Named in the template. */
  | { readonly document: string; readonly arns: string[] }
  /** Read when an image is deployed, so that the template need not change with them. */
  | { readonly readAtDeployment: string };

/** Where the break-glass grants of a trust are, and where their uses are recorded. */
export interface ImportedGrants {
  readonly tableArn: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  /** The name of the stack of the trust, where it is known. */
  readonly stackName?: string;
}

/** Where a trust is read when an image is deployed. */
export interface ReadFrom {
  readonly variables: Readonly<Record<string, string>>;
  /** The actions that this needs, and on what. */
  readonly actions: string[];
  readonly resourceArns: string[];
}

/** What is read of a trust of another app. */
export interface ImportedParts {
  readonly schemaVersion: string;
  readonly registerTableArn: string;
  readonly policiesTableArn: string;
  readonly scanRequestsQueueArn: string;
  readonly scanRequestsQueueUrl: string;
  readonly evidenceBucketName: string;
  readonly repositories: string | undefined;
  /** Where its gate reads it at each deployment of an image. Undefined: only the template says it. */
  readonly readFrom?: ReadFrom;
  readonly keys: ImportedKeys;
  readonly breakGlass?: ImportedGrants;
}

/** The topic of the trust itself, or one of the importing app. */
export type ImportedTopic = AlertTopic | ((stack: Stack) => TopicOfTrust);

export interface TopicOfTrust {
  readonly topicArn: string;
  readonly keyArn: string;
}

export interface ImportedTrustProps extends ImportOptions {
  readonly env: ResourceEnvironment;
  /** As the template of a stack names them. */
  readonly partsIn: (stack: Stack) => ImportedParts;
  readonly topic: ImportedTopic;
}

/**
 * A trust of another app. It has no resources: it only says how gates of this app ask.
 *
 * @internal
 */
export class ImportedTrust extends Construct implements IImageTrust {
  public readonly env: ResourceEnvironment;

  private readonly partsIn: (stack: Stack) => ImportedParts;
  private readonly topicIn: (stack: Stack) => BoundTopic;
  private readonly options: ImportOptions;
  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, { env, partsIn, topic, ...options }: ImportedTrustProps) {
    super(scope, id);
    this.env = env;
    this.partsIn = partsIn;
    this.topicIn = this.bind(topic);
    this.options = options;
    this.metrics = RequestedMetrics.around(this);
    // from JavaScript, which does not know that the interface has none
    Object.defineProperty(this, 'breakGlass', {
      get: () => {
        throw new Error(
          `${this.node.path} is an imported trust, which has no breakGlass here, allowed: grantBreakGlass() in the app that has the trust; its grants count here too`,
        );
      },
    });
  }

  public grantAsk(grantee: IGrantable): Grant {
    return grantRows(grantee, this.partsIn(Stack.of(this)));
  }

  /**
   * Keys that are read at deployment cannot be named in a policy that does not change with them. So it allows
   * reading the public half of every signing key of the account and region of the trust. Which of them a gate
   * believes, the pinned keys say.
   */
  public grantVerify(grantee: IGrantable): Grant {
    const { keys } = this.partsIn(Stack.of(this));
    const actions = ['kms:DescribeKey', 'kms:GetPublicKey'];
    if ('arns' in keys) return Grant.addToPrincipal({ grantee, actions, resourceArns: keys.arns });
    const { account, region } = this.env;
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [
        Stack.of(this).formatArn({ service: 'kms', resource: 'key', resourceName: '*', account, region }),
      ],
      conditions: { StringEquals: { 'kms:KeySpec': 'ECC_NIST_P256', 'kms:KeyUsage': 'SIGN_VERIFY' } },
    });
  }

  /** @internal */
  public _access(gate: IConstruct): GateAccess {
    this.checkImported('gate', gate);
    const { options, env } = this;
    const parts = this.partsIn(Stack.of(gate));
    const topic = this.topicIn(Stack.of(gate));
    const { keys, breakGlass, readFrom } = parts;
    const grantLook = (handler: IGrantable) => {
      grantRows(handler, parts);
      this.grantVerify(handler);
    };
    const grantJudge = (handler: IGrantable) => {
      grantLook(handler);
      if (breakGlass !== undefined) grantGrants(handler, breakGlass, Stack.of(this).account);
    };
    return {
      metrics: this.metrics,
      environment: {
        [EnvironmentName.register]: parts.registerTableArn,
        [EnvironmentName.policies]: parts.policiesTableArn,
        [EnvironmentName.trustOwner]: `${env.account}.${env.region}`,
        ...(breakGlass !== undefined && {
          [EnvironmentName.grants]: breakGlass.tableArn,
          [EnvironmentName.grantMessages]: breakGlass.queueUrl,
          ...(breakGlass.stackName !== undefined && { [EnvironmentName.trustStack]: breakGlass.stackName }),
        }),
        ...('document' in keys && { [EnvironmentName.pinnedKeys]: keys.document }),
      },
      pinnedKeys: 'readAtDeployment' in keys ? keys.readAtDeployment : undefined,
      readsTrust: readFrom?.variables ?? {
        [EnvironmentName.trustSchemaVersion]: parts.schemaVersion,
        ...(parts.repositories !== undefined && { [EnvironmentName.repositories]: parts.repositories }),
      },
      scanRequestsQueueUrl: parts.scanRequestsQueueUrl,
      get schemaVersion() {
        return parts.schemaVersion;
      },
      get enrolment() {
        return parts.repositories;
      },
      evidenceBucketName: parts.evidenceBucketName,
      alertEnvironment: topicsEnvironment(gate, [topic]),
      network: options.network,
      isImported: true,
      waitsFor: [], // it is deployed already
      addAlarm: alarm => alarm.addAlarmAction(new SnsAction(topic.topic)),
      grantAlert: handler => grantSend([topic], handler),
      grantLook,
      grantJudge,
      grantAsk: handler => {
        grantJudge(handler);
        if (breakGlass !== undefined) grantSendTo(handler, breakGlass.queueArn);
      },
      grantReadTrust: grantee => {
        if (readFrom === undefined) return;
        const { actions, resourceArns } = readFrom;
        Grant.addToPrincipal({ grantee, actions, resourceArns });
      },
      grantResolve: grantee => {
        const { account, region } = env;
        const resourceArns = [
          Stack.of(gate).formatArn({
            service: 'ecr',
            resource: 'repository',
            resourceName: '*',
            account,
            region,
          }),
        ];
        Grant.addToPrincipal({ grantee, actions: RESOLVE, resourceArns });
      },
      grantRequest: handler => grantSendTo(handler, parts.scanRequestsQueueArn),
    };
  }

  /** Its alerts and keys are named in the stack that it was imported into. */
  private checkImported(what: string, construct: IConstruct): void {
    const [ours, importing] = [Stack.of(construct), Stack.of(this)];
    if (ours.account === importing.account && ours.region === importing.region) return;
    throw new Error(
      `the ${what} ${construct.node.path} is in a stack of ${shown(ours)} and its trust ${this.node.path} was imported into one of ${shown(importing)}, allowed: the same account and region; import the trust into the stack of the ${what}`,
    );
  }

  private bind(given: ImportedTopic): (stack: Stack) => BoundTopic {
    if (typeof given === 'function') return stack => ({ format: 'TEXT', topic: this.topicOf(stack, given) });
    const { format, topic } = given._parts();
    const bound = { format, topic: topic ?? ownTopic(this, 'Topic') };
    return () => bound;
  }

  /** The topic of the trust itself, once for a stack. */
  private topicOf(stack: Stack, read: (stack: Stack) => TopicOfTrust): ITopic {
    const id = `TopicOf${stack.node.addr}`;
    const known = this.node.tryFindChild(id) as ITopic | undefined;
    return known ?? Topic.fromTopicAttributes(this, id, read(stack));
  }

  /**
   * The trust of another app cannot be given rights for a repository by this app. Whether the repository is
   * enrolled, the gate looks when the image is deployed.
   *
   * @internal
   */
  public _admit(image: IConstruct, repository: IRepository): RepositorySelector | undefined {
    this.checkImported('image', image);
    const { repositories } = this.partsIn(Stack.of(this));
    if (repositories === undefined && isElsewhere(repository.env.account, this.env.account)) {
      throw new Error(
        `the repository ${repository.node.path} is in ${shown(repository.env)}, and its trust ${this.node.path} was imported without its repositories, so it judges images of ${shown(this.env)} only; allowed: repositories, with each of another account, for example RepositorySelector.name('team/app').inAccount('210987654321')`,
      );
    }
    // else it is known when the image is deployed which repositories of other accounts it judges
    if (isElsewhere(repository.env.region, this.env.region)) {
      throw new Error(
        `the repository ${repository.node.path} is in ${shown(repository.env)}, and its trust ${this.node.path} judges images of the region ${this.env.region} only, allowed: a repository there, for example by Repository.fromRepositoryArn(), or a trust of the region of the image`,
      );
    }
    const { account } = repository.env;
    if (!isElsewhere(account, this.env.account)) return undefined;
    const { repositoryName } = repository;
    // a name that only deployment knows may be of a stack that waits for the gate: its tags stay unresolved
    return Token.isUnresolved(repositoryName)
      ? undefined
      : RepositorySelector.name(repositoryName).inAccount(account);
  }

  /** It is made with the first of this app that asks. @internal */
  public _gate(): TrustGate {
    return TrustGate._of(this, this.options.gate);
  }
}

/** In the account of the trust, no policy of its tables limits what an importer reads: this one does. */
function grantRows(
  grantee: IGrantable,
  { registerTableArn, policiesTableArn }: Pick<ImportedParts, 'registerTableArn' | 'policiesTableArn'>,
): Grant {
  const rows = (tableArn: string, conditions: ReturnType<typeof onlyRows>) =>
    Grant.addToPrincipal({ grantee, actions: ['dynamodb:GetItem'], resourceArns: [tableArn], conditions });
  return rows(registerTableArn, IMAGE_ROWS).combine(rows(policiesTableArn, onlyRows([PolicyRow.current])));
}

/** The right to read the break-glass grants of this account, image by image. */
function grantGrants({ grantPrincipal }: IGrantable, { tableArn }: ImportedGrants, account: string): void {
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['dynamodb:Query'],
      resources: [tableArn],
      conditions: onlyRows(grantKeysOf(account), 'StringLike'),
    }),
  );
}

function grantSendTo({ grantPrincipal }: IGrantable, queueArn: string): void {
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }),
  );
}

function isElsewhere(its: string, ours: string): boolean {
  return !Token.isUnresolved(its) && !Token.isUnresolved(ours) && its !== ours;
}

function shown({ account, region }: { readonly account: string; readonly region: string }): string {
  return `${Token.isUnresolved(account) ? '(no account named)' : account}.${Token.isUnresolved(region) ? '(no region named)' : region}`;
}
