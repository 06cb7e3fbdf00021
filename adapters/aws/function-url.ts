import { GetFunctionUrlConfigCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { signedPost } from './signed-post';
import { parseJson } from '../../src/core/text/json';

/** Where the embedded cloud answers for a function URL: the host of a URL on AWS is not there. */
const EMULATED = '/_aws/lambda-url/';

/** A function that is called by its URL, signed with the caller's own credentials. */
export class FunctionUrl {
  constructor(
    private readonly functionName: string,
    private readonly client: LambdaClient,
    private readonly endpoint: string | undefined,
  ) {}

  public async post(value: unknown): Promise<{ readonly status: number; readonly answer: unknown }> {
    const { status, text } = await signedPost(await this.url(), value, this.client);
    return { status, answer: parseJson(text) };
  }

  private async url(): Promise<URL> {
    const { FunctionUrl: given } = await this.client.send(
      new GetFunctionUrlConfigCommand({ FunctionName: this.functionName }),
    );
    const url = new URL(given!);
    if (this.endpoint === undefined) return url;
    return new URL(`${EMULATED}${url.hostname.split('.')[0]}/`, this.endpoint);
  }
}
