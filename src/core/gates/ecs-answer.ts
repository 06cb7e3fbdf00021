import type { Decided } from './next-step';

/** Any other answer, or none, is a failure to Amazon ECS. Of a failure it takes no reason. */
export type EcsAnswer =
  | { readonly hookStatus: 'SUCCEEDED' | 'FAILED' }
  | {
      readonly hookStatus: 'IN_PROGRESS';
      readonly callBackDelay: number;
      readonly hookDetails: { readonly trustedImagesLooks: number };
    };

/** With FAILED, ECS rolls the deployment back: what ran before runs on. */
export function ecsAnswer(decided: Decided, looks: number): EcsAnswer {
  switch (decided.step) {
    case 'admit':
      return { hookStatus: 'SUCCEEDED' };
    case 'look again':
      return {
        hookStatus: 'IN_PROGRESS',
        callBackDelay: decided.inSeconds,
        hookDetails: { trustedImagesLooks: looks + 1 },
      };
    case 'refuse':
      return { hookStatus: 'FAILED' };
  }
}
