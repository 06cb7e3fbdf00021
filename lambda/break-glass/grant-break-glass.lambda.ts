import type { APIGatewayProxyResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { env } from '../../adapters/aws/environment';
import { GrantsTable } from '../../adapters/aws/grants-table';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { answerCaller } from '../../adapters/aws/url-answer';
import { EnvironmentName } from '../../src/core/environment';
import { GrantAccounts } from '../../src/core/trust/grant-request';
import type { GrantMessage } from '../../src/core/trust/grant-watch';
import { grantBreakGlass } from '../../use-cases/break-glass/grant-break-glass';

const ports = {
  grants: new GrantsTable(env(EnvironmentName.grants)),
  watched: new SqsQueue<GrantMessage>(env(EnvironmentName.grantMessages)),
  accounts: GrantAccounts.parse(JSON.parse(env(EnvironmentName.grantAccounts))),
  newId: () => ulid(),
};

/** Behind a function URL. Who calls, AWS says; what is wanted, the body says. */
export async function handler(event: LambdaFunctionURLEvent): Promise<APIGatewayProxyResultV2> {
  return answerCaller(event, (caller, body) => grantBreakGlass(caller, body, { ...ports, now: new Date() }));
}
