import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';

/**
 * Warns at synthesis of a gate that nothing asks: it looks as if it guarded something.
 *
 * @internal
 */
export function warnOfIdleGate(gate: IConstruct, isIdle: () => boolean, fix: string): void {
  warnAtSynthesis(gate, 'cdk-trusted-images:gateWithoutUse', () =>
    isIdle() ? `nothing asks the gate ${gate.node.path}, so it refuses nothing; ${fix}` : undefined,
  );
}
