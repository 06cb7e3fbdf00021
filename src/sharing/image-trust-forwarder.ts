import { Annotations, Arn, ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as BusTarget } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Seconds } from '../core/times';
import { A_REPOSITORY, REPOSITORY } from '../properties/kinds';
import { checkProperties, oneOf, optional, required, type Properties } from '../properties/properties';
import { deadLettersAlarm } from '../queues/dead-letters';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { RepositorySelector } from '../repository/repository-selector';
import { newImagePattern } from '../scanning/new-image-pattern';
import { ATTESTATIONS, DELETE, ImageAttestation, PUSH, SignedManifests } from '../trust/image-signer';

/**
 * Properties of a forwarder of pushes.
 */
export interface ImageTrustForwarderProps {
  /** The output `TrustedImagesForwardingBusArn` of the trust, which is in another account of this region. */
  readonly forwardingBusArn: string;

  /**
   * The repositories whose pushes are forwarded, in the account and region of this stack, at least one. The
   * trust selects each of them: `RepositorySelector.name(…).inAccount(…)`.
   */
  readonly repositories: IRepository[];

  /**
   * The manifests that the trust signs in its registry, as `signing.signedManifests` of the trust. With NONE,
   * the trust gets no right to push.
   *
   * @default SignedManifests.TOP
   */
  readonly signedManifests?: SignedManifests;

  /**
   * The attestations that the trust writes, as `signing.attestations` of the trust. With SUMMARY, the trust
   * gets the right to delete images of the repositories: else the summary of a revoked image stays until it
   * expires. Throws with `SignedManifests.NONE`.
   *
   * @default - none
   */
  readonly attestations?: ImageAttestation[];
}

const IMAGE_TRUST_FORWARDER: Properties<ImageTrustForwarderProps> = {
  forwardingBusArn: required(),
  repositories: required([REPOSITORY], `a list, each ${A_REPOSITORY}`),
  signedManifests: optional(),
  attestations: optional([oneOf(ImageAttestation)], ATTESTATIONS),
};

/** A pull by digest, and the list of images by which reconcile finds lost pushes. */
const PULL = ['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:GetDownloadUrlForLayer'];

/**
 * Enrols repositories of this account in a trust of another account: it forwards the events of their pushes,
 * and lets the account of the trust pull and sign. Deploy it in the account and region of the repositories.
 *
 * A repository that this app only imports keeps its policy: a warning says which statement it needs.
 *
 * Throws if the trust is in another region: images are scanned in their own region. Throws if the trust is in
 * the same account, which hears these pushes itself.
 */
export class ImageTrustForwarder extends Construct {
  /** Its alarm, on events that were not forwarded: add an action. */
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: ImageTrustForwarderProps) {
    super(scope, id);
    checkProperties('ImageTrustForwarderProps', props, IMAGE_TRUST_FORWARDER);
    const { forwardingBusArn, repositories, signedManifests, attestations = [] } = props;
    const trust = Arn.split(forwardingBusArn, ArnFormat.SLASH_RESOURCE_NAME);
    const { account, region } = Stack.of(this);
    checkPlace(this, { account: trust.account!, region: trust.region! });
    if (repositories.length === 0) {
      throw new Error(`${this.node.path} forwards no repository, allowed: at least one`);
    }
    for (const repository of repositories) checkRepository(this, repository);
    if (signedManifests === SignedManifests.NONE && attestations.length > 0) {
      throw new Error(
        `${this.node.path} has the attestations ${attestations.join(', ')}, which are written beside a signature in the registry, and signedManifests is NONE; allowed: SignedManifests.TOP or ALL, or no attestations`,
      );
    }
    const deadLetterQueue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.seconds(Seconds.messageRetention),
    });
    const eventBus = EventBus.fromEventBusArn(this, 'Bus', forwardingBusArn);
    new Rule(this, 'OnPush', {
      description: 'Forwards pushes to a trust of another account',
      eventPattern: newImagePattern(
        { account, region },
        repositories.map(({ repositoryName }) => RepositorySelector.name(repositoryName)),
      ),
      targets: [new BusTarget(eventBus, { deadLetterQueue })],
    });
    const rights = signedManifests === SignedManifests.NONE ? [...PULL] : [...PULL, ...PUSH];
    if (attestations.includes(ImageAttestation.SUMMARY)) rights.push(DELETE);
    for (const repository of repositories) this.letIn(repository, trust.account!, rights);
    this.alarms = [deadLettersAlarm(this, 'Alarm', deadLetterQueue, NOT_FORWARDED)];
    warnOfIdleAlarms(this, () => this.alarms);
  }

  private letIn(repository: IRepository, account: string, rights: readonly string[]): void {
    const statement = new PolicyStatement({
      sid: `ImageTrust${account}`, // another trust may have a statement in the same policy
      principals: [new AccountPrincipal(account)],
      actions: [...new Set(rights)].sort(),
    });
    if (repository.addToResourcePolicy(statement).statementAdded) return;
    Annotations.of(this).addWarningV2(
      `cdk-trusted-images:policyOfRepository:${repository.node.path}`,
      `the policy of the imported repository ${repository.node.path} is not changed; it must have this statement, or the trust cannot scan its images: ${JSON.stringify(Stack.of(this).resolve(statement.toStatementJson()))}`,
    );
  }
}

const NOT_FORWARDED =
  'Pushes were not forwarded to the trust in another account. The attributes ERROR_CODE and ERROR_MESSAGE of the messages in the dead-letter queue say why: does the trust select these repositories with inAccount()? The trust finds these images within an hour, if it may list them.';

function checkPlace(scope: Construct, trust: { readonly account: string; readonly region: string }): void {
  const { account, region } = Stack.of(scope);
  if (isKnown(trust.region) && isKnown(region) && trust.region !== region) {
    throw new Error(
      `${scope.node.path} is in ${region} and its trust in ${trust.region}, allowed: the same region, because images are scanned in the region where they are; deploy an ImageTrust with the same policy in ${region}, and forward to that one`,
    );
  }
  if (isKnown(trust.account) && trust.account === account) {
    throw new Error(
      `${scope.node.path} is in the account of its trust, ${account}, allowed: another account; the trust hears pushes of its own account: select them there with RepositorySelector.name() or prefix()`,
    );
  }
}

function checkRepository(scope: Construct, { env, node }: IRepository): void {
  const { account, region } = Stack.of(scope);
  const isElsewhere = (its: string, ours: string) => isKnown(its) && isKnown(ours) && its !== ours;
  if (!isElsewhere(env.account, account) && !isElsewhere(env.region, region)) return;
  throw new Error(
    `the repository ${node.path} is in ${env.account}.${env.region} and ${scope.node.path} in ${account}.${region}, allowed: the same account and region; deploy an ImageTrustForwarder there`,
  );
}

function isKnown(value: string): boolean {
  return !Token.isUnresolved(value);
}
