import { setTimeout as sleep } from 'node:timers/promises';
import { env } from './environment';
import { EnvironmentName } from '../../src/core/environment';
import { answerText, type Answer, type Asker } from '../../src/core/gates/answer';
import { whyNoAnswer, type Place } from '../../src/core/gates/response-url';
import { Seconds, Tries } from '../../src/core/times';

/** What AWS Lambda and the template say of where this runs; the endpoint only the embedded cloud sets. */
function thisPlace(): Place {
  return {
    region: env('AWS_REGION'),
    urlSuffix: env(EnvironmentName.urlSuffix),
    endpoint: process.env.AWS_ENDPOINT_URL,
  };
}

/**
 * Answers CloudFormation. Nothing that it says or throws has the URL: whoever reads it could answer as well
 * (rule 5.10, no secrets of gates).
 */
export class CloudFormationAnswers {
  constructor(
    private readonly place: Place = thisPlace(),
    private readonly pauseMilliseconds = Seconds.answerPause * 1000,
  ) {}

  public async send(asker: Asker, answer: Answer): Promise<void> {
    const refused = whyNoAnswer(asker.ResponseURL, this.place);
    if (refused !== undefined) {
      throw new Error(`nothing is sent to the URL that an answer is asked for at: ${refused}`);
    }
    const body = Buffer.from(answerText(asker, answer));
    for (let tries = 1, pause = this.pauseMilliseconds; ; tries += 1, pause *= 4) {
      const problem = await put(asker.ResponseURL, body);
      if (problem === undefined) return;
      if (tries === Tries.answer) {
        throw new Error(`CloudFormation did not take the answer in ${Tries.answer} tries: ${problem}`);
      }
      await sleep(pause);
    }
  }
}

/** What went wrong, by a number or a code: the message of an error may have the URL. */
async function put(url: string, body: Buffer): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      // what signed the URL knew no type, so there is none
      method: 'PUT',
      body,
      headers: { 'content-type': '' },
      redirect: 'manual',
      signal: AbortSignal.timeout(Seconds.answerLimit * 1000),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
    return String(cause?.code ?? name);
  }
}
