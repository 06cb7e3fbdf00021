import { setTimeout as sleep } from 'node:timers/promises';
import type { Build as CodeBuildBuild } from '@aws-sdk/client-codebuild';
import { didNotHold, held, notChecked, type Answer, type Numbered } from './numbered';
import { imageOf, projectOf, rowOf, scanBuildOf } from './scans';
import { patienceWith } from '../../local/cloud/patience';
import { FUNCTION_RUNTIME, NODE_MAJOR } from '../../src/core/function-runtime';
import { imageName, imageReference } from '../../src/core/image/image';
import {
  Build,
  checkProvenance,
  differencesText,
  ExpectedBuild,
  namedByBuild,
} from '../../src/core/scanning/provenance';
import type { Check } from '../check';
import { buildsAtOnce } from '../quotas';
import { resourceOf } from '../stacks';

const SIGNED = 'by tag';
/** More at once than a new account may run. */
const AT_ONCE = 4;

export const BUILDS: readonly Numbered[] = [
  {
    number: 1,
    title: "CodeBuild runs Trivy's image.",
    parts: [
      { what: 'a scan ended in a verdict, so every program of the buildspec is there', run: scanned },
      { what: 'the tests that push images pass', suite: 'push-to-verdict' },
    ],
  },
  {
    number: 2,
    title: 'The image reader logs in to ECR',
    parts: [
      { what: '`proxyEndpoint` names a host of ECR', run: proxyEndpoint },
      { what: 'an image of a private repository was read, and Trivy had its databases', run: scanned },
    ],
  },
  {
    number: 3,
    title: '`BatchGetBuilds` answers as provenance.ts expects',
    parts: [
      { what: 'a build that succeeded', run: check => provenanceOf(check) },
      { what: 'a build that failed', run: check => endedByHand(check, 'FAILED') },
      { what: 'a build that was stopped', run: check => endedByHand(check, 'STOPPED') },
    ],
  },
  {
    number: 7,
    title: "CodeBuild's upload",
    parts: [
      { what: 'a build uploaded its report with the rights that the template gives', run: uploaded },
      {
        what: 'which denials CloudTrail has of the role of builds',
        cannot:
          'CloudTrail shows events up to 15 minutes late and finds none by the name of a session; look in its console for AccessDenied of the role TrustScannerProjectRole',
      },
    ],
  },
  {
    number: 9,
    title: 'CodeBuild at its limit',
    parts: [
      {
        what: `${AT_ONCE} builds at once: each is started, waits, or is refused with a known error`,
        run: manyAtOnce,
      },
      {
        what: 'the quotas of the account',
        run: quotaOfBuilds,
      },
      {
        what: 'a deployment with `concurrency`',
        cannot: 'the quickstart gives none, and the check deploys nothing else for it',
      },
    ],
  },
  {
    number: 14,
    title: 'Functions',
    parts: [
      { what: `the evaluator ran on Graviton and Node ${NODE_MAJOR}`, run: evaluatorRuns },
      {
        what: 'a report of tens of megabytes',
        cannot: 'no image of the tests has such a report; `npm run bench` measures the time on this machine',
      },
    ],
  },
  { number: 33, title: 'Time', parts: [{ what: 'push to verdict', run: times }] },
];

async function scanned(check: Check): Promise<Answer> {
  const row = await rowOf(check, SIGNED);
  if (row.verdict !== undefined) {
    return held(`the scan ${row.verdict.scanId} ended with ${row.verdict.outcome}`);
  }
  return row.lastFailedScan === undefined
    ? didNotHold('the register has neither a verdict nor a failed scan: no event came, or no build ended')
    : didNotHold(`the scan failed with ${row.lastFailedScan.cause}: ${row.lastFailedScan.detail}`);
}

async function proxyEndpoint({ aws, cloud }: Check): Promise<Answer> {
  const { authorizationData = [] } = await aws.ecr.getAuthorizationToken({});
  const endpoint = authorizationData[0]?.proxyEndpoint ?? '';
  const raw = { proxyEndpoint: endpoint };
  return URL.canParse(endpoint) && new URL(endpoint).host === cloud.registryHost
    ? held('it names the registry of the account', raw)
    : didNotHold(`it is ${JSON.stringify(endpoint)}, expected: https://${cloud.registryHost}`, raw);
}

async function provenanceOf(check: Check): Promise<Answer> {
  const raw = await scanBuildOf(check, SIGNED);
  const build = Build.safeParse(raw);
  if (!build.success) return didNotHold(`the answer has another shape: ${build.error.message}`, raw);
  const image = imageOf(check, SIGNED);
  const named = namedByBuild(build.data);
  if (named === undefined) return didNotHold('the build names no scan and no image', raw);
  const asked = {
    scanId: named.scanId,
    image: imageName(image),
    reference: imageReference(image, 'amazonaws.com'),
  };
  const wrong = checkProvenance(build.data, await expectedBuild(check), asked);
  return wrong.length === 0
    ? held(`all fields of a build with the status ${build.data.buildStatus} are as expected`, raw)
    : didNotHold(`these fields are not: ${differencesText(wrong)}`, raw);
}

/** The constants of the template, which the evaluator has. */
async function expectedBuild(check: Check): Promise<ExpectedBuild> {
  const variables = (await evaluator(check)).Environment?.Variables ?? {};
  const found = Object.values(variables).find(value => value.includes('"buildspecSha256"'));
  return ExpectedBuild.parse(JSON.parse(found ?? 'null'));
}

async function evaluator(check: Check) {
  const FunctionName = await resourceOf(check, 'AWS::Lambda::Function', 'TrustEvaluator');
  return check.aws.lambda.getFunctionConfiguration({ FunctionName });
}

/** A build of the real project with another buildspec: the evaluator does not know it, and ignores it. */
async function startByHand(check: Check, command: string): Promise<CodeBuildBuild> {
  const { build } = await check.aws.codebuild.startBuild({
    projectName: await projectOf(check),
    buildspecOverride: JSON.stringify({ version: '0.2', phases: { build: { commands: [command] } } }),
  });
  return build!;
}

async function ended(check: Check, id: string): Promise<CodeBuildBuild> {
  const { anything, lookEvery } = patienceWith(check.cloud);
  for (const end = Date.now() + anything; ; await sleep(Math.max(lookEvery, 200))) {
    const { builds = [] } = await check.aws.codebuild.batchGetBuilds({ ids: [id] });
    if (builds[0]?.buildComplete === true) return builds[0];
    if (Date.now() > end) throw new Error(`the build ${id} did not end within ${anything / 60_000} minutes`);
  }
}

async function endedByHand(check: Check, status: 'FAILED' | 'STOPPED'): Promise<Answer> {
  const { id } = await startByHand(check, status === 'FAILED' ? 'exit 1' : 'sleep 600');
  if (status === 'STOPPED') await check.aws.codebuild.stopBuild({ id });
  const raw = await ended(check, id!);
  const build = Build.safeParse(raw);
  if (!build.success) return didNotHold(`the answer has another shape: ${build.error.message}`, raw);
  return build.data.buildStatus === status
    ? held('the answer can be read', raw)
    : didNotHold(`the status is ${build.data.buildStatus}, expected: ${status}`, raw);
}

async function uploaded(check: Check): Promise<Answer> {
  const { phases = [] } = await scanBuildOf(check, SIGNED);
  const upload = phases.find(({ phaseType }) => phaseType === 'UPLOAD_ARTIFACTS');
  if (upload === undefined) return notChecked('the build has no phase UPLOAD_ARTIFACTS', phases);
  return upload.phaseStatus === 'SUCCEEDED'
    ? held('the phase UPLOAD_ARTIFACTS succeeded', upload)
    : didNotHold(`the phase UPLOAD_ARTIFACTS is ${upload.phaseStatus}`, upload);
}

async function manyAtOnce(check: Check): Promise<Answer> {
  const started = await Promise.all(
    Array.from({ length: AT_ONCE }, () =>
      startByHand(check, 'sleep 5').then(
        ({ id }) => ({ id: id! }),
        (error: Error) => ({ refused: `${error.name}: ${error.message}` }),
      ),
    ),
  );
  const builds = await Promise.all(started.map(each => ('id' in each ? ended(check, each.id) : each)));
  const raw = builds.map(each =>
    'refused' in each
      ? each
      : {
          status: each.buildStatus,
          queuedSeconds: each.phases?.find(({ phaseType }) => phaseType === 'QUEUED')?.durationInSeconds,
        },
  );
  const strange = started.filter(
    each => 'refused' in each && !each.refused.startsWith('AccountLimitExceeded'),
  );
  const refused = started.filter(each => 'refused' in each).length;
  return strange.length === 0
    ? held(`${AT_ONCE - refused} ran, ${refused} were refused with AccountLimitExceededException`, raw)
    : didNotHold('StartBuild was refused with an error that the dispatcher does not know', raw);
}

async function quotaOfBuilds(check: Check): Promise<Answer> {
  const { quota, value } = await buildsAtOnce(check);
  return value === undefined
    ? notChecked(`Service Quotas lists no "${quota}"`)
    : held(`"${quota}" is ${value}`, { quota, value });
}

async function evaluatorRuns(check: Check): Promise<Answer> {
  const { Runtime, Architectures, MemorySize } = await evaluator(check);
  const raw = { Runtime, Architectures, MemorySize };
  const { verdict } = await rowOf(check, SIGNED);
  return verdict !== undefined && Runtime === FUNCTION_RUNTIME && Architectures?.[0] === 'arm64'
    ? held(`it judged with ${Runtime} on ${Architectures[0]}`, raw)
    : didNotHold(
        `runtime, architecture and memory are ${JSON.stringify(raw)}, and it judged: ${verdict !== undefined}`,
        raw,
      );
}

async function times({ file }: Check): Promise<Answer> {
  const raw = Object.fromEntries(
    Object.entries(file.state.pushed).flatMap(([kind, { seconds }]) =>
      seconds === undefined ? [] : [[kind, Math.round(seconds)]],
    ),
  );
  return Object.keys(raw).length === 0
    ? notChecked('no push ended')
    : held(`in seconds: ${JSON.stringify(raw)}`, raw);
}
