import { AwsClients } from '../aws-clients';
import { Builds } from './builds';
import { whyLimitIsRefused } from './project-limit';
import { BuildRecord, StartBuildRequest } from './wire';
import { Answer, errorAnswer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { mayAfterAll } from '../rights';

export interface CodeBuildRouteOptions {
  readonly builds: Builds;
  readonly aws: AwsClients;
  readonly account: string;
  readonly region: string;
  initiatorOf(accessKeyId: string | undefined): Promise<string>;
}

type MayRead = (refusal: Answer, projects: string[]) => Promise<boolean>;

/** CodeBuild's builds. Projects stay MiniStack's, and so does the question of who may do what. */
export function codebuildRoute({ builds, aws, account, region, initiatorOf }: CodeBuildRouteOptions): Route {
  const arn = (project: string) => `arn:aws:codebuild:${region}:${account}:project/${project}`;
  const mayRead: MayRead = (refusal, projects) => mayAfterAll(refusal, projects.map(arn), aws);
  const operations: Record<string, (call: Call) => Promise<Answer>> = {
    StartBuild: async call =>
      builds.start(
        await call.json<StartBuildRequest>(),
        () => initiatorOf(call.accessKeyId),
        () => call.forward(),
      ),
    CreateProject: call => withinQuota(call, builds),
    UpdateProject: call => withinQuota(call, builds),
    BatchGetBuilds: async call =>
      batchGetBuilds(await call.json<{ ids: string[] }>(), await call.forward(), builds, mayRead),
    StopBuild: async call => stopBuild(await call.json<{ id: string }>(), await call.forward(), builds),
  };
  return async call => {
    if (call.target?.prefix !== 'CodeBuild_20161006' || !Object.hasOwn(operations, call.target.operation)) {
      return undefined;
    }
    return operations[call.target.operation](call);
  };
}

async function withinQuota(call: Call, { quota }: Builds): Promise<Answer> {
  const { concurrentBuildLimit } = await call.json<{ concurrentBuildLimit?: number }>();
  const why = whyLimitIsRefused(concurrentBuildLimit, quota);
  return why === undefined ? call.forward() : errorAnswer('InvalidInputException', why);
}

async function batchGetBuilds(
  { ids }: { ids: string[] },
  answer: Answer,
  builds: Builds,
  mayRead: MayRead,
): Promise<Answer> {
  if (answer.status !== 200) {
    const records = ids.map(id => builds.record(id)).filter(record => record !== undefined);
    if (
      !(await mayRead(
        answer,
        records.flatMap(record => record.projectName ?? []),
      ))
    ) {
      return answer;
    }
    return jsonAnswer(200, {
      builds: records,
      buildsNotFound: ids.filter(id => builds.record(id) === undefined),
    });
  }
  const known = parseJson<{ builds: BuildRecord[] }>(answer);
  return jsonAnswer(200, { ...known, builds: known.builds.map(build => builds.record(build.id) ?? build) });
}

function stopBuild({ id }: { id: string }, answer: Answer, builds: Builds): Answer {
  const record = answer.status === 200 ? builds.stop(id) : undefined;
  return record === undefined ? answer : jsonAnswer(200, { build: record });
}
