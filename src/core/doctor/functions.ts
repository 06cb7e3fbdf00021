import { firstFew, found, noneHere, ok, type Look } from './line';

export interface DeployedFunction {
  /** Its logical id. */
  readonly name: string;
  /** As AWS Lambda says; undefined where the function is gone. */
  readonly state: string | undefined;
  /** What is reserved for it; undefined where nothing is. */
  readonly reserved: number | undefined;
}

/** Lambda calls a function that is inactive or being made, though later. */
const ANSWERING: readonly (string | undefined)[] = ['Active', 'Inactive', 'Pending'];

/** Whether the functions can be called, those of the gate too. */
export function functions(deployed: readonly DeployedFunction[]): Look {
  const limit = 'all can be called';
  if (deployed.length === 0) return noneHere(limit, 'functions');
  const faults = deployed.flatMap(({ name, state, reserved }) => {
    if (!ANSWERING.includes(state)) return [`${name} (${state ?? 'gone'})`];
    return reserved === 0 ? [`${name} (its reserved concurrency is 0)`] : [];
  });
  return faults.length === 0
    ? ok(limit, `${deployed.length} can be called`)
    : found(
        limit,
        `cannot be called: ${firstFew(faults)}`,
        'deploy the stack again, or take back the reserved concurrency in AWS Lambda; find out in CloudTrail who changed them',
      );
}
