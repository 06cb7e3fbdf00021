import { PullThrough } from './pull-through';
import { PullTimes } from './pull-times';
import { pushManifest } from './push-manifest';
import { findReferrers } from './referrers';
import { Registries } from './registries';
import { Place } from '../accounts/places';
import { EventDraft } from '../events/service-event';
import { jsonAnswer, registryError } from '../gateway/answer';
import { Route } from '../gateway/route';
import { Pullers } from '../pullers';

const INDEX = 'application/vnd.oci.image.index.v1+json';

export interface RegistryRouteOptions {
  readonly registries: Registries;
  readonly cache: PullThrough;
  readonly pullers: Pullers;
  readonly pullTimes: PullTimes;
  readonly publish: (event: EventDraft, place: Place) => void;
}

/** Of a pull. A push asks for more on AWS. */
const RIGHTS: Readonly<Record<string, string>> = {
  manifests: 'ecr:BatchGetImage',
  referrers: 'ecr:BatchGetImage',
  blobs: 'ecr:GetDownloadUrlForLayer',
};

/**
 * The registry protocol where MiniStack's lacks something: events of pushes, immutable tags with exceptions,
 * referrers, pull-through caches, times of pulls, archived images,
 * repositories of other accounts.
 */
export function registryRoute({
  registries,
  cache,
  pullers,
  pullTimes,
  publish,
}: RegistryRouteOptions): Route {
  return async call => {
    if (!call.isRegistry) return undefined;
    const [, repository, kind, reference] =
      /^\/v2\/(.+)\/(manifests|referrers|blobs)\/(.+)$/.exec(call.path) ?? [];
    if (repository === undefined) return undefined;
    const isPull = ['GET', 'HEAD'].includes(call.method);
    const right = isPull ? RIGHTS[kind]! : 'ecr:PutImage';
    const { place, refused } = await registries.find(repository, call.pullerKey, right);
    if (refused !== undefined) return registryError(403, 'DENIED', refused);
    const store = registries.in(place);
    const archive = registries.archiveIn(place);
    call.headers.host = store.host;
    if (kind === 'manifests' && call.method === 'PUT') {
      const push = {
        repository,
        reference: decodeURIComponent(reference),
        bytes: await call.body(),
        contentType: call.headers['content-type'],
      };
      return pushManifest(push, store, event => publish(event, place));
    }
    if (kind === 'manifests' && isPull) {
      const problem = await cache.fill(
        repository,
        decodeURIComponent(reference),
        await pullers.roleOf(call.pullerKey),
      );
      if (problem !== undefined) return registryError(403, 'DENIED', problem.message);
      const answer = await call.forward();
      const digest = answer.headers['docker-content-digest'];
      if (typeof digest === 'string' && archive.has(repository, digest)) {
        return registryError(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
      }
      if (call.method === 'GET' && answer.status === 200 && typeof digest === 'string') {
        await pullTimes.pulled(repository, digest, call.pullerKey);
      }
      return answer;
    }
    if (kind !== 'referrers') return undefined;
    if (call.method !== 'GET') {
      return registryError(405, 'UNSUPPORTED', 'referrers can only be read');
    }
    const type = call.query.get('artifactType');
    const manifests = await findReferrers(store, repository, reference, type === null ? [] : [type]);
    return jsonAnswer(
      200,
      { schemaVersion: 2, mediaType: INDEX, manifests },
      {
        'content-type': INDEX,
        ...(type !== null && { 'oci-filters-applied': 'artifactType' }),
      },
    );
  };
}
