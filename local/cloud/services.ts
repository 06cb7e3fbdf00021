import { crossAccountRoute } from './accounts/cross-account-route';
import { Places } from './accounts/places';
import { Administrator, createAdministrator } from './administrator';
import { AwsClients } from './aws-clients';
import { cloudformationRoute } from './cloudformation/cloudformation-route';
import { Hooks } from './cloudformation/hooks';
import { BuildLimits, Builds } from './codebuild/builds';
import { codebuildRoute } from './codebuild/codebuild-route';
import { whyNotPulled } from './codebuild/image-pull';
import { initiatorOf } from './codebuild/initiator';
import { makeToolsFolder } from './codebuild/tools-folder';
import { codepipelineRoute } from './codepipeline/codepipeline-route';
import { Jobs } from './codepipeline/jobs';
import { ecrRoute } from './ecr/ecr-route';
import { PullThrough } from './ecr/pull-through';
import { PullTimes } from './ecr/pull-times';
import { Registries } from './ecr/registries';
import { registryRoute } from './ecr/registry-route';
import { RegistrySettings } from './ecr/registry-settings';
import { Deployments } from './ecs/deployments';
import { ecsRoute } from './ecs/ecs-route';
import { EventDraft } from './events/service-event';
import { ServiceEvents } from './events/service-events';
import { adminRoute } from './gateway/admin-route';
import { bucketTagsRoute } from './gateway/bucket-tags-route';
import { Calls } from './gateway/calls';
import { Faults } from './gateway/faults';
import { rightsRoute } from './gateway/rights-route';
import { Route } from './gateway/route';
import { Upstream } from './gateway/upstream';
import { functionUrlRoute } from './lambda/function-url-route';
import { Pullers } from './pullers';
import { quotasRoute } from './quotas/quotas-route';
import { Say } from './say';
import { securityhubRoute } from './securityhub/securityhub-route';
import { Sessions } from './sessions';

export interface ServicesOptions {
  /** Past the gateway, as the emulator's root. */
  readonly aws: AwsClients;
  readonly upstream: Upstream;
  readonly administrator: Administrator;
  readonly token: string;
  readonly folder: string;
  readonly endpoint: string;
  readonly registryHost: string;
  readonly account: string;
  readonly region: string;
  readonly trivy?: string;
  readonly limits: BuildLimits;
  readonly say: Say;
}

export interface Services {
  /** In the order in which they are asked. */
  readonly routes: readonly Route[];
  readonly toolsFolder: string;
  readonly stopBuilds: () => Promise<void>;
}

/** All parts of the gateway, connected. */
export function makeServices(options: ServicesOptions): Services {
  const { aws, upstream, endpoint, account, region, administrator, token, folder, say } = options;
  const toolsFolder = makeToolsFolder(options);
  // events start builds, and builds send events: each knows the other by a function only
  const home = { account, region };
  const places = new Places({ ...home, aws }, { endpoint, agent: upstream.agent });
  const events: ServiceEvents = new ServiceEvents({
    places,
    home,
    say,
    startBuild: (request, rule) => builds.startAsRoot(request, `rule/${rule.Name}`),
  });
  const publish = (event: EventDraft, place = home) => events.publishLater(event, place);
  const faults = new Faults();
  const pullers = new Pullers(aws);
  const settings = new RegistrySettings(aws);
  const registries = new Registries(places, upstream, pullers);
  const cache = new PullThrough({
    store: registries.in(home),
    settings,
    faults,
    account,
    region,
    aws,
    publish,
  });
  const pullTimes = new PullTimes(settings, pullers);
  const calls = new Calls(administrator);
  const builds = new Builds({
    pull: (image, role) => whyNotPulled(image, role, faults, cache),
    pullers,
    aws,
    endpoint,
    region,
    account,
    folder,
    publish,
    say,
    limits: options.limits,
    path: [toolsFolder, process.env.PATH].join(':'),
  });
  const sessions = new Sessions(administrator, aws, account);
  const jobs = new Jobs(places, say);
  const hooks = new Hooks(places, upstream, say);
  return {
    toolsFolder,
    stopBuilds: () => builds.stopAll(),
    routes: [
      calls.route(),
      hooks.route,
      adminRoute({
        token,
        builds,
        events,
        faults,
        calls,
        jobs,
        administratorOf: async place => createAdministrator(places.in(place)),
      }),
      call => faults.answer(call),
      sessions.route,
      crossAccountRoute(places, say),
      quotasRoute({ sessions, account, region, buildQuota: () => builds.quota }),
      securityhubRoute({ sessions, account, region }),
      registryRoute({ registries, cache, pullers, pullTimes, publish }),
      codebuildRoute({
        builds,
        aws,
        account,
        region,
        initiatorOf: key => initiatorOf(key, administrator, aws),
      }),
      ecsRoute(places, new Deployments(places, say)),
      functionUrlRoute(sessions, aws, account),
      codepipelineRoute(places, sessions, jobs),
      ecrRoute({ places, registries, endpoint, cache, pullers, pullTimes, publish }),
      cloudformationRoute({ places, settings, hooks, say, buildQuota: () => builds.quota }),
      bucketTagsRoute(aws),
      rightsRoute({ sessions, aws, account, region }),
    ],
  };
}
