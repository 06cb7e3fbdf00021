import { Stack } from 'aws-cdk-lib';
import type { BaseService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/**
 * Warns at synthesis of containers of a service that have no digest: the gate refuses them. An image that is
 * only known when it is deployed may have one.
 */
export function warnOfTags(gate: IConstruct, service: BaseService): void {
  warnAtSynthesis(service, 'cdk-trusted-images:containersWithoutDigest', () => {
    const tags = containersOf(service).filter(({ image }) => hasNoDigest(image));
    if (tags.length === 0) return undefined;
    const named = tags.map(({ name, image }) => `${name} (${JSON.stringify(image)})`).join(', ');
    return `the gate ${gate.node.path} refuses containers of ${service.node.path} that have no digest in the task definition: ${named}; Amazon ECS resolves a tag when the first task starts, which is after the gate; use TrustedImage, or name the digest: <repository>@sha256:<64 hex>`;
  });
}

interface Container {
  readonly name: string;
  readonly image: unknown;
}

function containersOf({ taskDefinition }: BaseService): readonly Container[] {
  const { containerDefinitions } = taskDefinition.node.defaultChild as CfnTaskDefinition;
  const resolved: unknown = Stack.of(taskDefinition).resolve(containerDefinitions);
  return Array.isArray(resolved) ? (resolved as Container[]) : [];
}

/** Known to have none: a text without one, or one that is put together from parts of which none has one. */
function hasNoDigest(image: unknown): boolean {
  if (typeof image === 'string') return !image.includes('@');
  const parts = (image as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join']?.[1];
  return parts !== undefined && !parts.some(part => typeof part === 'string' && part.includes('@'));
}
