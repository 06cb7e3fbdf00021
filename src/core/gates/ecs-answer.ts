import type { GateDecision } from './service-gate';
import { Seconds } from '../times';

/** Any other answer, or none, is a failure to Amazon ECS. Of a failure it takes no reason. */
export type EcsAnswer =
  | { readonly hookStatus: 'SUCCEEDED' | 'FAILED' }
  | {
      readonly hookStatus: 'IN_PROGRESS';
      readonly callBackDelay: number;
      readonly hookDetails: { readonly trustedImagesLooks: number };
    };

/** With FAILED, ECS rolls the deployment back: what ran before runs on. */
export function ecsAnswer({ step }: GateDecision, looks: number): EcsAnswer {
  switch (step) {
    case 'admit':
      return { hookStatus: 'SUCCEEDED' };
    case 'look again':
      return {
        hookStatus: 'IN_PROGRESS',
        callBackDelay: Seconds.gateLooksAgain,
        hookDetails: { trustedImagesLooks: looks + 1 },
      };
    case 'refuse':
      return { hookStatus: 'FAILED' };
  }
}
