import { Aws } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { WithdrawSignaturesFunction } from './withdraw-signatures-function';
import { doNotCountPulls } from '../access/uncounted-pulls';
import { AlertingWork } from '../alerts/alerting-work';
import { ImageAlerts } from '../alerts/image-alerts';
import { EnvironmentName, MetricName } from '../core/environment';
import { DetailType } from '../core/events/image-events';
import { RevocationDetailType } from '../core/events/revocation-events';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { checkProperties, required, type Properties } from '../properties/properties';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { DELETE, ImageSigner } from '../trust/image-signer';
import { ownPart } from '../trust/own-part';
import { TrustRegister } from '../trust/trust-register';

/**
 * Properties of a withdrawal of signatures.
 */
export interface SignatureWithdrawalProps {
  /** The signer whose signatures are withdrawn: from its repositories, by its present and former keys. */
  readonly signer: ImageSigner;

  /** The event bus on which revocations are published, in the stack of the withdrawal. */
  readonly events: TrustEvents;

  /** The register. Nothing is deleted unless it says that the image is revoked. */
  readonly register: TrustRegister;

  /** Where its alerts and alarms go. */
  readonly alerts: ImageAlerts;

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

const SIGNATURE_WITHDRAWAL: Properties<SignatureWithdrawalProps> = {
  signer: required(ImageSigner, ownPart('an ImageSigner', 'signer', 'SignatureWithdrawal')),
  events: required(TrustEvents, ownPart('a TrustEvents', 'events', 'SignatureWithdrawal')),
  register: required(TrustRegister, ownPart('a TrustRegister', 'register', 'SignatureWithdrawal')),
  alerts: required(ImageAlerts, ownPart('an ImageAlerts', 'alerts', 'SignatureWithdrawal')),
  network: IN_NETWORK,
};

/** To read what is beside an image, also its referrers. */
const READ = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/**
 * Takes the signatures and attestations of a revoked image out of Amazon ECR, so that cosign and others who
 * cannot read the register refuse it too. When the image passes again, the signer signs it again.
 *
 * It deletes only manifests that hold what the keys of the signer signed for exactly this image in exactly
 * this repository, and nothing else. Where somebody added signatures of others to the same manifest, that
 * stays, and an alert says so.
 *
 * Its role may read rows of the register and has `ecr:BatchDeleteImage` on the repositories of the signer.
 * IAM cannot limit this right to signatures: whoever has the credentials of this role can delete images. It
 * can neither sign nor push nor write to the register.
 *
 * It acts on revocations from its deployment on. Throws if the signer writes nothing to the registry.
 */
export class SignatureWithdrawal extends Construct {
  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, props: SignatureWithdrawalProps) {
    super(scope, id);
    checkProperties('SignatureWithdrawalProps', props, SIGNATURE_WITHDRAWAL);
    const { signer, events, register, alerts, network } = props;
    if (!signer._writesToRegistry) {
      throw new Error(
        `${this.node.path} withdraws signatures, and signedManifests of the signer ${signer.node.path} is NONE; allowed: SignedManifests.TOP or ALL, or no SignatureWithdrawal`,
      );
    }
    this.metrics = register._metrics;
    const work = new AlertingWork(this, 'Events', {
      ...{ events, register, alerts, network },
      seconds: Seconds.withdrawSignatures,
      batchSize: 1, // an image with a flood beside it delays no other
    });
    events._onFor(this, 'WithdrawRevoked', [DetailType.revoked], { target: work.queue.asTarget() });
    const options = work.handledBy('Takes signatures of revoked images out of the registry', {
      [EnvironmentName.pinnedKeys]: signer._pinnedKeys(),
      [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
    });
    const withdraw = new WithdrawSignaturesFunction(this, 'Resource', options);
    work.startWith(withdraw, RevocationDetailType.withdrawn);
    doNotCountPulls(work.role); // it reads manifests
    signer.grantVerify(withdraw);
    signer._grantInRepositories(this, withdraw, [...READ, DELETE]);
  }

  /**
   * The number of manifests that were deleted. Published once this is called. Sum over 5 minutes by default.
   */
  public metricWithdrawn(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.signaturesWithdrawn, options);
  }
}
