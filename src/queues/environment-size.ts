import { Stack, Token } from 'aws-cdk-lib';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { AwsLimit } from '../core/limits';

/** Stands for what is known only when it is deployed: the name, ARN or URL of a resource. */
const UNKNOWN = 'x'.repeat(80);

/**
 * Refuses at synthesis an environment that AWS Lambda would refuse. Names that only deployment knows are
 * estimated.
 *
 * @internal
 */
export function checkEnvironmentSize(handler: IFunction): void {
  handler.node.addValidation({
    validate: () => {
      const variables = variablesOf(handler);
      const size = JSON.stringify(variables).length;
      const most = AwsLimit.environmentCharacters;
      if (size <= most) return [];
      const largest = Object.entries(variables)
        .map(([name, { length }]) => ({ name, length }))
        .sort((one, other) => other.length - one.length)
        .slice(0, 2)
        .map(({ name, length }) => `${name} (${length})`);
      return [
        `the environment of ${handler.node.path} has about ${size} characters, allowed: ${most}, which AWS Lambda takes; its largest variables are ${largest.join(' and ')}; select repositories by prefix, or copy allowedImages into an enrolled repository`,
      ];
    },
  });
}

function variablesOf(handler: IFunction): Record<string, string> {
  const { environment } = handler.node.defaultChild as CfnFunction;
  const resolved = Stack.of(handler).resolve(environment) as
    | { readonly variables?: Readonly<Record<string, unknown>> }
    | undefined;
  return Object.fromEntries(
    Object.entries(resolved?.variables ?? {}).map(([name, value]) => [name, estimated(value)]),
  );
}

function estimated(value: unknown): string {
  if (typeof value === 'string') return Token.isUnresolved(value) ? UNKNOWN : value;
  const parts = (value as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] })['Fn::Join'];
  return parts === undefined ? UNKNOWN : parts[1].map(estimated).join(parts[0]);
}
