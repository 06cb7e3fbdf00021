import { SHOWN_CHARACTERS, type GateAnswer } from './gate-answer';

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
export function hookAnswer(answer: GateAnswer, clientRequestToken: string | undefined): HookAnswer {
  const message = answer.says.slice(0, SHOWN_CHARACTERS);
  if (answer.step === 'look again') {
    return {
      hookStatus: 'IN_PROGRESS',
      message,
      clientRequestToken,
      callbackDelaySeconds: answer.inSeconds,
    };
  }
  return answer.step === 'admit' && answer.anyway !== 'AUDIT'
    ? { hookStatus: 'SUCCESS', message, clientRequestToken }
    : { hookStatus: 'FAILED', errorCode: 'NonCompliant', message, clientRequestToken };
}
