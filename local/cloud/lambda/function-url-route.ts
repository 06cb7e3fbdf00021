import { randomUUID } from 'node:crypto';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { mayWithKeys } from './identity-policies';
import { isSignedWith } from './signature';
import type { AwsClients } from '../aws-clients';
import { Answer, errorAnswer, jsonAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { FUNCTION_URL } from '../gateway/guard';
import { Route } from '../gateway/route';
import type { Caller, Sessions } from '../sessions';

interface FunctionUrl {
  readonly functionArn: string;
  readonly host: string;
}

/** What a function behind a URL answers. */
interface Result {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * Function URLs with `AWS_IAM`: MiniStack calls the function without saying who calls. Callers that the
 * gateway knows are judged as AWS does, and are named in the event.
 */
export function functionUrlRoute(sessions: Sessions, aws: AwsClients, account: string): Route {
  return async call => {
    const [, id, path] = FUNCTION_URL.exec(call.path) ?? [];
    if (id === undefined) return undefined;
    const url = await urlOf(id, aws);
    if (url === undefined) return errorAnswer('ResourceNotFoundException', 'there is no such URL', 404);
    const caller = sessions.caller(call.accessKeyId);
    if (caller === undefined || !(await isSignedWith(caller, call))) {
      return forbidden('the signature does not match a key of this run');
    }
    const denied = await whyDenied(caller, url, account, aws);
    if (denied !== undefined) return forbidden(denied);
    const { Payload, FunctionError } = await aws.lambda.invoke({
      FunctionName: url.functionArn,
      Payload: Buffer.from(JSON.stringify(await eventOf(call, path!, id, url, caller, account))),
    });
    const text = Buffer.from(Payload ?? []).toString();
    return FunctionError === undefined
      ? answerOf(JSON.parse(text) as Result)
      : errorAnswer('InternalServerError', 'Internal Server Error', 502);
  };
}

/** Both rights, as AWS asks since October 2025. */
async function whyDenied(
  { principal, arn }: Caller,
  { functionArn }: FunctionUrl,
  account: string,
  aws: AwsClients,
): Promise<string | undefined> {
  const rights = {
    'lambda:InvokeFunctionUrl': { 'lambda:functionurlauthtype': ['AWS_IAM'] },
    'lambda:InvokeFunction': { 'lambda:invokedviafunctionurl': ['true'] },
  };
  for (const [action, keys] of Object.entries(rights)) {
    if (!(await mayWithKeys(principal, functionArn, { account, action, keys }, aws))) {
      return `User: ${arn} is not authorized to perform: ${action} on resource: ${functionArn}`;
    }
  }
  return undefined;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
async function eventOf(
  call: Call,
  path: string,
  id: string,
  { host }: FunctionUrl,
  { arn, accessKeyId }: Caller,
  account: string,
): Promise<object> {
  const body = (await call.body()).toString();
  const iam = {
    accessKey: accessKeyId,
    accountId: account,
    callerId: accessKeyId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId: accessKeyId,
  };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: call.query.toString(),
    headers: { ...call.headers, host },
    requestContext: {
      accountId: account,
      apiId: id,
      authentication: null,
      authorizer: { iam },
      domainName: host,
      domainPrefix: id,
      http: { method: call.method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    body,
    isBase64Encoded: false,
  };
}

async function urlOf(id: string, { lambda }: Pick<AwsClients, 'lambda'>): Promise<FunctionUrl | undefined> {
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    for (const { FunctionName, FunctionArn } of Functions) {
      const { FunctionUrlConfigs: [config] = [] } = await lambda.listFunctionUrlConfigs({ FunctionName });
      const host = config?.FunctionUrl === undefined ? undefined : new URL(config.FunctionUrl).hostname;
      if (host?.split('.')[0] === id && config?.AuthType === 'AWS_IAM') {
        return { functionArn: FunctionArn!, host };
      }
    }
  }
  return undefined;
}

function forbidden(why: string): Answer {
  return jsonAnswer(403, { Message: why }, { 'x-amzn-errortype': 'AccessDeniedException' });
}

function answerOf({ statusCode = 200, headers = {}, body = '', isBase64Encoded = false }: Result): Answer {
  return { status: statusCode, headers, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') };
}
