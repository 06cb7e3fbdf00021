import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { topLevel } from './stacks';
import type { PinnedKeys } from '../core/signing/pinned-keys';
import { sha256Of } from '../core/text/sha256';

/**
 * The keys that a gate accepts.
 *
 * @internal
 */
export interface Pins {
  /** The keys, for its environment. */
  readonly document: string;

  /** Their ARNs, for its policy. */
  readonly arns: string[];

  /**
   * Changes with the keys, if they are read from another stack: CloudFormation reads the output of another
   * stack only if the template that names it has changed.
   */
  readonly revision: string | undefined;
}

/**
 * The keys, as the stack of a gate sees them. If the signer is in another stack, they are read from its
 * output at deployment, and not imported: an export in use cannot change, so no key could be replaced (0017).
 * The name of the output stays the same, so that a stack that rolls back finds it.
 *
 * @param signer the outputs are in its stack
 * @internal
 */
export function pinnedKeys(signer: IConstruct, keys: PinnedKeys, gate: IConstruct): Pins {
  const document = Stack.of(signer).toJsonString(keys);
  const arns = keys.map(({ arn }) => arn);
  const [producer, consumer] = [topLevel(signer), topLevel(gate)];
  if (producer === consumer) return { document, arns, revision: undefined };
  consumer.addDependency(producer, `${gate.node.path} reads which keys it accepts`);
  const read = (output: KeyOutput) =>
    Fn.getStackOutput(producer.stackName, keyOutput(signer, keys, output).logicalId);
  return {
    document: read('PinnedKeys'),
    // Fn::Split is documented with Fn::Sub and without Fn::GetStackOutput, and cfn-lint holds everybody to it
    arns: Fn.split(
      ',',
      Fn.sub('${Arns}', {
        Arns: read('PinnedKeyArns'),
      }),
    ),
    revision: sha256Of(JSON.stringify(Stack.of(signer).resolve(keys))).slice(0, 16),
  };
}

/** The outputs by which gates of other stacks read the keys. @internal */
export const KEY_OUTPUTS = ['PinnedKeys', 'PinnedKeyArns'] as const;
type KeyOutput = (typeof KEY_OUTPUTS)[number];

/** The output in the stack of the signer. @internal */
export function keyOutput(signer: IConstruct, keys: PinnedKeys, id: KeyOutput): CfnOutput {
  const producer = topLevel(signer);
  const name = `${id}${signer.node.addr.slice(0, 8)}`;
  const arns = Fn.join(
    ',',
    keys.map(({ arn }) => arn),
  );
  const [value, description] =
    id === 'PinnedKeys'
      ? [Stack.of(signer).toJsonString(keys), 'The signing keys that gates accept']
      : [arns, 'The ARNs of the signing keys that gates accept'];
  return (
    (producer.node.tryFindChild(name) as CfnOutput | undefined) ??
    new CfnOutput(producer, name, { value, description })
  );
}
