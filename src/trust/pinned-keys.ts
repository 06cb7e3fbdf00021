import { sha256Of } from '../core/text/sha256';
import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { topLevel } from './stacks';
import type { PinnedKeys } from '../core/signing/pinned-keys';

/**
 * What a gate is told of the keys that it believes.
 *
 * @internal
 */
export interface Pins {
  /** Which, for its environment. */
  readonly document: string;

  /** Their ARNs, for its policy. */
  readonly arns: string[];

  /**
   * Changes when the keys do, where they are read from another stack: CloudFormation looks at what another
   * stack says only where the template that asks has changed.
   */
  readonly revision: string | undefined;
}

/**
 * The keys, as the stack of a gate sees them. From another stack they are read as an output when that stack
 * is deployed, and not imported: an export that is in use cannot change, so no key could ever be replaced
 * (0017). The name of the output stays the same, so that a stack that rolls back finds it.
 *
 * @param signer in whose stack the outputs are
 * @internal
 */
export function pinnedKeys(signer: IConstruct, keys: PinnedKeys, gate: IConstruct): Pins {
  const document = Stack.of(signer).toJsonString(keys);
  const arns = keys.map(({ arn }) => arn);
  const [producer, consumer] = [topLevel(signer), topLevel(gate)];
  if (producer === consumer) return { document, arns, revision: undefined };
  consumer.addDependency(producer, `${gate.node.path} reads which keys it believes`);
  const read = (id: string, value: string, description: string) => {
    const name = `${id}${signer.node.addr.slice(0, 8)}`;
    const output =
      (producer.node.tryFindChild(name) as CfnOutput | undefined) ??
      new CfnOutput(producer, name, { value, description });
    return Fn.getStackOutput(producer.stackName, output.logicalId);
  };
  return {
    document: read('PinnedKeys', document, 'Which signing keys gates believe'),
    arns: Fn.split(
      ',',
      read('PinnedKeyArns', Fn.join(',', arns), 'The ARNs of the signing keys that gates believe'),
    ),
    revision: sha256Of(JSON.stringify(Stack.of(signer).resolve(keys))).slice(0, 16),
  };
}
