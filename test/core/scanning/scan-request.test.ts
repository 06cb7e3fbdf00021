import * as fc from 'fast-check';
import { readScanRequest, requestFor } from '../../../src/core/scanning/scan-request';
import { DIGEST, IMAGE, NOW } from '../support/made';

const event = (detail: object = {}, more: object = {}) => ({
  version: '0',
  source: 'aws.ecr',
  'detail-type': 'ECR Image Action',
  account: '000000000000',
  region: 'us-east-1',
  time: '2026-11-25T02:00:00Z',
  resources: [],
  ...more,
  detail: {
    result: 'SUCCESS',
    'repository-name': 'team/app',
    'image-digest': DIGEST,
    'action-type': 'PUSH',
    'image-tag': 'latest',
    ...detail,
  },
});
const request = { version: 1, image: IMAGE, reason: 'request', at: NOW.toISOString() };

describe('events of ECR', () => {
  test('a push asks for a scan', () => {
    expect(readScanRequest(event())).toEqual({
      ok: true,
      value: { version: 1, image: IMAGE, reason: 'push', at: '2026-11-25T02:00:00.000Z', tag: 'latest' },
    });
  });

  test.each([[''], [undefined]])(
    'a push with the tag %j may be the child of an index that is still on its way (rule 4.8, indexes)',
    tag => {
      expect(readScanRequest(event({ 'image-tag': tag }))).toEqual({
        ok: true,
        value: { version: 1, image: IMAGE, reason: 'untagged-push', at: '2026-11-25T02:00:00.000Z' },
      });
    },
  );

  test.each([
    ['a deletion', { 'action-type': 'DELETE' }],
    ['a push that failed', { result: 'FAILURE' }],
    ['an action of tomorrow', { 'action-type': 'ARCHIVE' }],
    ['a signature of cosign', { 'image-tag': `sha256-${'a'.repeat(64)}.sig` }],
    ['an attestation of cosign', { 'image-tag': `sha256-${'a'.repeat(64)}.att` }],
    ['a referrers tag', { 'image-tag': `sha256-${'a'.repeat(64)}` }],
  ])('%s asks for nothing', (_, detail) => {
    expect(readScanRequest(event(detail))).toEqual({ ok: true, value: undefined });
  });

  /** As the ECR user guide shows them, with digests that are whole. */
  const documented = {
    pulled: {
      version: '0',
      id: '85fc3613-e913-7fc4-a80c-a3753e4aa9ae',
      'detail-type': 'ECR Pull Through Cache Action',
      source: 'aws.ecr',
      account: '123456789012',
      time: '2023-02-28T02:36:48Z',
      region: 'us-west-2',
      resources: ['arn:aws:ecr:us-west-2:123456789012:repository/docker-hub/alpine'],
      detail: {
        'rule-version': '1',
        'sync-status': 'SUCCESS',
        'ecr-repository-prefix': 'docker-hub',
        'repository-name': 'docker-hub/alpine',
        'upstream-registry-url': 'public.ecr.aws',
        'image-tag': '3.17.2',
        'image-digest': DIGEST,
      },
    },
    replicated: {
      version: '0',
      id: 'c8b133b1-6029-ee73-e2a1-4f466b8ba999',
      'detail-type': 'ECR Replication Action',
      source: 'aws.ecr',
      account: '123456789012',
      time: '2024-05-08T20:44:54Z',
      region: 'us-east-1',
      resources: ['arn:aws:ecr:us-east-1:123456789012:repository/docker-hub/alpine'],
      detail: {
        result: 'SUCCESS',
        'repository-name': 'docker-hub/alpine',
        'image-digest': DIGEST,
        'source-account': '123456789012',
        'action-type': 'REPLICATE',
        'source-region': 'us-west-2',
        'image-tag': '3.17.2',
      },
    },
  };

  test('an image that was pulled through a cache is scanned like a pushed one', () => {
    expect(readScanRequest(documented.pulled)).toEqual({
      ok: true,
      value: {
        version: 1,
        image: `123456789012.us-west-2/docker-hub/alpine@${DIGEST}`,
        reason: 'push',
        at: '2023-02-28T02:36:48.000Z',
        tag: '3.17.2',
      },
    });
  });

  test('an image that was replicated is scanned where it arrived', () => {
    expect(readScanRequest(documented.replicated)).toEqual({
      ok: true,
      value: {
        version: 1,
        image: `123456789012.us-east-1/docker-hub/alpine@${DIGEST}`,
        reason: 'push',
        at: '2024-05-08T20:44:54.000Z',
        tag: '3.17.2',
      },
    });
  });

  test.each([
    ['pulled' as const, { 'image-tag': undefined }],
    ['replicated' as const, { 'image-tag': '' }],
  ])('what was %s without a tag may be the child of an index', (kind, detail) => {
    const { [kind]: whole } = documented;
    expect(readScanRequest({ ...whole, detail: { ...whole.detail, ...detail } })).toMatchObject({
      ok: true,
      value: { reason: 'untagged-push' },
    });
  });

  test.each([
    ['pulled' as const, { 'sync-status': 'FAILED', 'image-digest': undefined }],
    ['pulled' as const, { 'sync-status': undefined, result: 'SUCCESS' }],
    ['replicated' as const, { result: 'FAILED' }],
    ['replicated' as const, { 'action-type': undefined, 'sync-status': 'SUCCESS' }],
  ])('what was not %s asks for nothing: %j', (kind, detail) => {
    const { [kind]: whole } = documented;
    expect(readScanRequest({ ...whole, detail: { ...whole.detail, ...detail } })).toEqual({
      ok: true,
      value: undefined,
    });
  });

  test.each(['sha256-abc.sig', `xsha256-${'a'.repeat(64)}.sig`, `sha256-${'A'.repeat(64)}.sig`])(
    "the tag %s only looks like cosign's: it is scanned",
    tag => {
      expect(readScanRequest(event({ 'image-tag': tag }))).toMatchObject({
        ok: true,
        value: { reason: 'push' },
      });
    },
  );

  test.each([
    ['no digest', event({ 'image-digest': undefined })],
    ['a tag for a digest', event({ 'image-digest': 'latest' })],
    ['a repository that is none', event({ 'repository-name': '../app' })],
    ['a time that is none', event({}, { time: 'now' })],
    ['an account that is none', event({}, { account: 'me' })],
    ['another source', event({}, { source: 'my.ecr' })],
    ['another detail type', event({}, { 'detail-type': 'ECR Image Scan' })],
    ['no detail', { ...event(), detail: undefined }],
    ['text', 'PUSH'],
    ['nothing', undefined],
    ['null', null],
    ['a list', [event()]],
  ])('%s is refused', (_, body) => {
    expect(readScanRequest(body).ok).toBe(false);
  });
});

describe('requests of our own', () => {
  test.each(['push', 'untagged-push', 'index', 'retry', 'renewal', 'reconcile', 'request'])(
    'by the reason %s',
    reason => {
      expect(readScanRequest({ ...request, reason })).toEqual({ ok: true, value: { ...request, reason } });
    },
  );

  test.each([
    ['a version of tomorrow', { ...request, version: 2 }],
    ['an image by tag', { ...request, image: '000000000000.us-east-1/team/app:latest' }],
    ['a reason of its own', { ...request, reason: 'because' }],
    ['a time that is none', { ...request, at: 'now' }],
    ['a tag without end', { ...request, tag: 'x'.repeat(129) }],
  ])('with %s are refused', (_, body) => {
    expect(readScanRequest(body).ok).toBe(false);
  });

  test('for another digest of the same repository', () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    expect(requestFor(IMAGE, digest, 'index', NOW)).toEqual({
      version: 1,
      image: IMAGE.replace(DIGEST, digest),
      reason: 'index',
      at: NOW.toISOString(),
    });
  });
});

test('any message is read or refused, and nothing is thrown', () => {
  const bodies = fc.oneof(
    fc.anything(),
    fc.anything().map(detail => ({ ...event(), detail })),
    fc.anything().map(image => ({ ...request, image })),
  );
  fc.assert(
    fc.property(bodies, body => {
      expect(typeof readScanRequest(body).ok).toBe('boolean');
    }),
    { numRuns: 200 },
  );
});
