import type { BatchImportFindingsRequest, GetFindingsRequest } from '@aws-sdk/client-securityhub';
import { Findings } from './findings';
import { Answer, errorAnswer, jsonAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { messageOf } from '../say';
import { Sessions } from '../sessions';

export interface SecurityHubRouteOptions {
  readonly sessions: Sessions;
  readonly account: string;
  readonly region: string;
}

const MOST = { findings: 100, bytes: 6 * 1024 * 1024 } as const;

/**
 * AWS Security Hub of one account and region, which MiniStack does not have. It is enabled.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
 */
export function securityhubRoute({ sessions, account, region }: SecurityHubRouteOptions): Route {
  const product = `arn:aws:securityhub:${region}:${account}:product/${account}/default`;
  const hub = `arn:aws:securityhub:${region}:${account}:hub/default`;
  const findings = new Findings();

  const batchImport = async (call: Call): Promise<Answer> => {
    const { Findings: given = [] } = await call.json<BatchImportFindingsRequest>();
    const { length } = await call.body();
    if (given.length < 1 || given.length > MOST.findings || length > MOST.bytes) {
      return invalid(`Findings has 1 to ${MOST.findings} entries, and at most ${MOST.bytes} bytes`);
    }
    for (const { ProductArn = '', AwsAccountId = '' } of given) {
      const keys = { 'securityhub:targetaccount': [AwsAccountId] };
      const right = { action: 'securityhub:BatchImportFindings', keys };
      const refused = await sessions.refusalWithKeys(call.accessKeyId, right, ProductArn);
      if (refused !== undefined) return errorAnswer('AccessDeniedException', refused, 403);
    }
    const failed = given.flatMap(finding => {
      const isMine = finding.ProductArn === product && finding.AwsAccountId === account;
      const why = isMine ? findings.import(finding) : `the account may import into ${product} only`;
      const code = isMine ? 'InvalidInput' : 'InvalidAccess';
      return why === undefined ? [] : [{ Id: finding.Id, ErrorCode: code, ErrorMessage: why }];
    });
    return jsonAnswer(200, {
      FailedCount: failed.length,
      SuccessCount: given.length - failed.length,
      FailedFindings: failed,
    });
  };

  const get = async (call: Call): Promise<Answer> => {
    const refused = await sessions.refusal(call.accessKeyId, 'securityhub:GetFindings', hub);
    if (refused !== undefined) return errorAnswer('AccessDeniedException', refused, 403);
    const { Filters = {}, MaxResults = 100, NextToken = '0' } = await call.json<GetFindingsRequest>();
    const [first, last] = [Number(NextToken), Number(NextToken) + MaxResults];
    const found = findings.matching(Filters);
    return jsonAnswer(200, {
      Findings: found.slice(first, last),
      ...(found.length > last && { NextToken: String(last) }),
    });
  };

  const operations: Record<string, (call: Call) => Promise<Answer>> = {
    'POST /findings/import': batchImport,
    'POST /findings': get,
  };
  return async call => {
    if (call.service !== 'securityhub') return undefined;
    const operation = operations[`${call.method} ${call.path}`];
    if (operation === undefined) return invalid(`not emulated: ${call.method} ${call.path}`);
    return operation(call).catch((error: unknown) => invalid(messageOf(error)));
  };
}

function invalid(why: string): Answer {
  return errorAnswer('InvalidInputException', why, 400);
}
