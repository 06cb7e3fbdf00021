import type { ResourceEnvironment } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { GateAccess } from './gate-access';
import type { TrustGate } from './trust-gate';
import { having } from '../properties/properties';
import type { RepositorySelector } from '../repository/repository-selector';

/**
 * An `ImageTrust` of this app, or one of another app that was imported with `ImageTrust.fromStackName()`,
 * `fromParameters()` or `fromAttributes()`.
 */
export interface IImageTrust extends IConstruct {
  /** The account and region of the trust. It judges images of this account and region. */
  readonly env: ResourceEnvironment;

  /** Allows a principal to read rows of images in the register, one by one, and which policy is active. */
  grantAsk(grantee: IGrantable): Grant;

  /** Allows a principal to fetch the public keys that gates accept. */
  grantVerify(grantee: IGrantable): Grant;

  /** How the gates of one stack ask this trust. @internal */
  _access(gate: IConstruct): GateAccess;

  /**
   * Lets the trust judge an image of this repository, or throws if it cannot. Returns what its gate has to be
   * allowed beside what the trust enrols.
   *
   * @internal
   */
  _admit(image: IConstruct, repository: IRepository): RepositorySelector | undefined;

  /** The gate that images ask, if they name no other. @internal */
  _gate(): TrustGate;
}

/** @internal */
export const IMAGE_TRUST = having<IImageTrust>('_access', '_admit');

/** @internal */
export const AN_IMAGE_TRUST =
  'an ImageTrust of this app, or an imported one, for example by ImageTrust.fromStackName()';
