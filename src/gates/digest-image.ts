import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage, type ContainerDefinition, type ContainerImageConfig } from 'aws-cdk-lib/aws-ecs';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * An image in Amazon ECR, by a digest that is known only at deployment. CDK's own classes treat a token as a
 * tag, and write `repository:sha256:…`, which cannot be pulled.
 *
 * @internal
 */
export class EcsDigestImage extends ContainerImage {
  constructor(
    private readonly repository: IRepository,
    private readonly digest: string,
  ) {
    super();
  }

  public bind(_scope: Construct, container: ContainerDefinition): ContainerImageConfig {
    this.repository.grantPull(container.taskDefinition.obtainExecutionRole());
    return { imageName: this.repository.repositoryUriForDigest(this.digest) };
  }
}

/** @internal */
export class LambdaDigestCode extends Code {
  public readonly isInline = false;

  constructor(
    private readonly repository: IRepository,
    private readonly digest: string,
  ) {
    super();
  }

  public bind(): CodeConfig {
    this.repository.grantPull(new ServicePrincipal('lambda.amazonaws.com')); // as CDK's own code does
    return { image: { imageUri: this.repository.repositoryUriForDigest(this.digest) } };
  }
}
