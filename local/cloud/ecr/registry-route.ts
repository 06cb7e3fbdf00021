import { pushManifest } from './push-manifest';
import { findReferrers } from './referrers';
import { RepositoryStore } from './repository-store';
import { EventDraft } from '../events/service-event';
import { jsonAnswer, registryError } from '../gateway/answer';
import { Route } from '../gateway/route';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * The registry protocol where MiniStack's lacks something: events of pushes, immutable tags with exceptions,
 * referrers.
 */
export function registryRoute(store: RepositoryStore, publish: (event: EventDraft) => void): Route {
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
