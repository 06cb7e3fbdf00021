import { Archive } from './archive';
import { PullThrough } from './pull-through';
import { PullTimes } from './pull-times';
import { pushManifest } from './push-manifest';
import { findReferrers } from './referrers';
import { RepositoryStore } from './repository-store';
import { Callers } from '../callers';
import { EventDraft } from '../events/service-event';
import { jsonAnswer, registryError } from '../gateway/answer';
import { Route } from '../gateway/route';

const INDEX = 'application/vnd.oci.image.index.v1+json';

export interface RegistryRouteOptions {
  readonly store: RepositoryStore;
  readonly archive: Archive;
  readonly cache: PullThrough;
  readonly callers: Callers;
  readonly pullTimes: PullTimes;
  readonly publish: (event: EventDraft) => void;
}

/**
 * The registry protocol where MiniStack's lacks something: events of pushes, immutable tags with exceptions,
 * referrers, pull-through caches, times of pulls, archived images.
 */
export function registryRoute(options: RegistryRouteOptions): Route {
  const { store, archive, cache, callers, pullTimes, publish } = options;
  return async call => {
    if (!call.isRegistry) return undefined;
    const [, repository, kind, reference] =
      /^\/v2\/(.+)\/(manifests|referrers)\/([^/]+)$/.exec(call.path) ?? [];
    if (kind === 'manifests' && call.method === 'PUT') {
      const push = {
        repository,
        reference: decodeURIComponent(reference),
        bytes: await call.body(),
        contentType: call.headers['content-type'],
      };
      return pushManifest(push, store, publish);
    }
    if (kind === 'manifests' && ['GET', 'HEAD'].includes(call.method)) {
      const problem = await cache.fill(
        repository,
        decodeURIComponent(reference),
        await callers.roleOf(call.pullerKey),
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
    if (!call.path.includes('/referrers/')) return undefined;
    if (kind !== 'referrers' || call.method !== 'GET') {
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
