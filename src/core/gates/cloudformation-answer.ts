import { SHOWN_CHARACTERS, type GateDecision } from './service-gate';
import { Seconds } from '../times';

export interface HookAnswer {
  readonly hookStatus: 'SUCCESS' | 'FAILED' | 'IN_PROGRESS';
  readonly errorCode?: 'NonCompliant';
  readonly message: string;
  readonly clientRequestToken: string | undefined;
  readonly callbackDelaySeconds?: number;
}

/**
 * In an audit the answer is a failure too. The hook has the failure mode WARN then: CloudFormation shows a
 * warning, and goes on.
 */
export function hookAnswer(decision: GateDecision, clientRequestToken: string | undefined): HookAnswer {
  const message = decision.says.slice(0, SHOWN_CHARACTERS);
  if (decision.step === 'look again') {
    return {
      hookStatus: 'IN_PROGRESS',
      message,
      clientRequestToken,
      callbackDelaySeconds: Seconds.gateLooksAgain,
    };
  }
  return decision.step === 'admit' && decision.anyway !== 'AUDIT'
    ? { hookStatus: 'SUCCESS', message, clientRequestToken }
    : { hookStatus: 'FAILED', errorCode: 'NonCompliant', message, clientRequestToken };
}
