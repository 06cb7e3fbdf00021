import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Warns at synthesis of a gate that nothing asks: it looks as if it guarded something.
 *
 * @internal
 */
export function warnOfIdleGate(gate: IConstruct, isIdle: () => boolean, fix: string): void {
  gate.node.addValidation({
    validate: () => {
      if (isIdle()) {
        Annotations.of(gate).addWarningV2(
          'cdk-trusted-images:gateWithoutUse',
          `nothing asks the gate ${gate.node.path}, so it refuses nothing; ${fix}`,
        );
      }
      return [];
    },
  });
}
