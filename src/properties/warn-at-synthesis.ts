import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Warns at synthesis of what only the whole app shows. The warning can be acknowledged on a parent, for
 * example the trust: an acknowledgement on the construct itself comes too early for it.
 *
 * @param id what is acknowledged
 * @param why the warning, or undefined if there is nothing to warn of
 * @internal
 */
export function warnAtSynthesis(construct: IConstruct, id: string, why: () => string | undefined): void {
  construct.node.addValidation({
    validate: () => {
      const text = why();
      if (text !== undefined) Annotations.of(construct).addWarningV2(id, text);
      return [];
    },
  });
}
