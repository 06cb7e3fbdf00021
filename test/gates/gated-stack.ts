import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Repository, type IRepository } from 'aws-cdk-lib/aws-ecr';
import { EmergencyAccess, TrustedImage, type IImageTrust } from '../../src';
import { nameOf, text, trustStack, type TrustStack } from '../support/synthesise';

/** A directory with a Dockerfile. */
export const APP = join(__dirname, 'app');
export const WITH_BREAK_GLASS = { emergencyAccess: EmergencyAccess.BREAK_GLASS };
export const DIGEST = `sha256:${'a'.repeat(64)}`;

export interface GatedStack extends TrustStack {
  readonly image: TrustedImage;
}

export function named(stack: Stack, repositoryName: string): IRepository {
  return Repository.fromRepositoryName(
    stack,
    `Repository-${repositoryName.replaceAll('/', '-')}`,
    repositoryName,
  );
}

/** An image by its tag, in a repository that is there. */
export function tagged(
  stack: Stack,
  trust: IImageTrust,
  repositoryName = 'team/app',
  id = 'Image',
): TrustedImage {
  return TrustedImage.fromTag(stack, id, { trust, repository: named(stack, repositoryName), tag: 'v1' });
}

/** Trust with break-glass, and an image that asks it, in one stack. */
export function gatedStack(): GatedStack {
  const made = trustStack(WITH_BREAK_GLASS);
  const image = tagged(made.stack, made.trust);
  return {
    stack: made.stack,
    trust: made.trust,
    image,
    get template() {
      return made.template;
    },
  };
}

/** An image as one line, in which the digest that a resource answers with is `sha256:<hex of …>`. */
export function imageText(value: unknown): string {
  const [separator, parts] = (value as { 'Fn::Join': [string, any[]] })['Fn::Join'];
  return parts.map(part => digestText(part['Fn::Select']) ?? text(part)).join(separator);
}

function digestText(select: any): string | undefined {
  const [, source] = select?.[1]?.['Fn::Split'] ?? [];
  const [id] = source?.['Fn::GetAtt'] ?? [];
  const isDigest = JSON.stringify(select) === `[1,{"Fn::Split":[":",{"Fn::GetAtt":["${id}","Digest"]}]}]`;
  return isDigest ? `<hex of ${nameOf(id)}>` : undefined;
}
