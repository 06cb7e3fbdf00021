import {
  BatchDeleteImageResponse,
  GetAuthorizationTokenResponse,
  ListImagesRequest,
} from '@aws-sdk/client-ecr';
import { Archive } from './archive';
import { batchGetImage } from './batch-get-image';
import { describeImages, describeRepositories, isAsked } from './describe';
import { LayerUpload } from './layer-upload';
import { listImageReferrers } from './list-referrers';
import { PullThrough } from './pull-through';
import { PullTimes } from './pull-times';
import { imageAction } from './push-manifest';
import { putImage } from './put-image';
import { Registries } from './registries';
import { RepositoryStore } from './repository-store';
import { Place, Places } from '../accounts/places';
import { EventDraft } from '../events/service-event';
import { Answer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { Pullers } from '../pullers';

export interface EcrRouteOptions {
  readonly places: Places;
  readonly registries: Registries;
  readonly endpoint: string;
  readonly cache: PullThrough;
  readonly pullers: Pullers;
  readonly pullTimes: PullTimes;
  readonly publish: (event: EventDraft, place: Place) => void;
}

type Operations = Readonly<Record<string, (call: Call) => Promise<Answer>>>;

/**
 * ECR's API where MiniStack's is a stub, or says less than ECR does. MiniStack still authorises every call.
 */
export function ecrRoute(options: EcrRouteOptions): Route {
  const known = new Map<string, Operations>();
  return async call => {
    if (call.target?.prefix !== 'AmazonEC2ContainerRegistry_V20150921') return undefined;
    const place = await options.places.of(call);
    const key = `${place.account}.${place.region}`;
    const operations = known.get(key) ?? operationsIn(place, options);
    known.set(key, operations);
    const { operation } = call.target;
    return Object.hasOwn(operations, operation) ? operations[operation]!(call) : undefined;
  };
}

function operationsIn(place: Place, options: EcrRouteOptions): Operations {
  const { places, endpoint, pullTimes } = options;
  const { account, region } = place;
  const aws = places.in(place);
  const store = options.registries.in(place);
  const archive = options.registries.archiveIn(place);
  const publish = (event: EventDraft) => options.publish(event, place);
  const layers = new LayerUpload(store, endpoint, account);
  return {
    GetAuthorizationToken: call => authorizationToken(call, endpoint),
    BatchCheckLayerAvailability: authorised(async call =>
      layers.batchCheckLayerAvailability(await call.json()),
    ),
    GetDownloadUrlForLayer: authorised(async call => layers.getDownloadUrlForLayer(await call.json())),
    InitiateLayerUpload: authorised(async call => layers.initiateLayerUpload(await call.json())),
    UploadLayerPart: authorised(async call => layers.uploadLayerPart(await call.json())),
    CompleteLayerUpload: authorised(async call => layers.completeLayerUpload(await call.json())),
    ListImages: authorised(async call => listImages(await call.json(), store, archive)),
    ListImageReferrers: call => listImageReferrers(call, store, { account, region, aws }),
    PutImage: async call => putImage(await call.json(), call, { store, account, publish }),
    BatchGetImage: call => batchGetImage(call, { ...options, archive }),
    DescribeImages: call => describeImages(call, { account, pullTimes, archive }),
    UpdateImageStorageClass: authorised(async call => archive.update(await call.json())),
    DescribeRepositories: call => describeRepositories(call, { account, region, aws }),
    BatchDeleteImage: call => batchDeleteImage(call, publish),
  };
}

/**
 * ECR says where the registry is that the token is for. Here that is the gateway, which learns from the token
 * who pulls.
 */
async function authorizationToken(call: Call, endpoint: string): Promise<Answer> {
  const answer = await call.forward();
  if (answer.status !== 200) return answer;
  const { authorizationData = [] } = parseJson<GetAuthorizationTokenResponse>(answer);
  return jsonAnswer(200, {
    authorizationData: authorizationData.map(each => ({
      ...each,
      authorizationToken: Buffer.from(`AWS:${call.accessKeyId}`).toString('base64'),
      proxyEndpoint: endpoint,
    })),
  });
}

/** `InvalidAction` means that MiniStack let the caller do what it cannot do itself. */
function authorised(operation: (call: Call) => Promise<Answer>): (call: Call) => Promise<Answer> {
  return async call => {
    const answer = await call.forward();
    const isAllowed =
      answer.status === 200 || parseJson<{ __type?: string }>(answer).__type === 'InvalidAction';
    return isAllowed ? operation(call) : answer;
  };
}

/** One row a tag, where MiniStack gives one an image. */
async function listImages(
  { repositoryName, filter }: ListImagesRequest,
  store: RepositoryStore,
  archive: Archive,
): Promise<Answer> {
  const imageIds = (await store.images(repositoryName!)).flatMap(({ imageDigest, imageTags = [] }) => {
    const { imageStatus } = archive.of(repositoryName!, imageDigest!);
    if (!isAsked(imageStatus, filter?.imageStatus)) return [];
    if (filter?.tagStatus === 'TAGGED' && imageTags.length === 0) return [];
    if (filter?.tagStatus === 'UNTAGGED' && imageTags.length > 0) return [];
    return imageTags.length === 0
      ? [{ imageDigest }]
      : imageTags.map(imageTag => ({ imageDigest, imageTag }));
  });
  return jsonAnswer(200, { imageIds });
}

async function batchDeleteImage(call: Call, publish: (event: EventDraft) => void): Promise<Answer> {
  const answer = await call.forward();
  if (answer.status !== 200) return answer;
  const { repositoryName } = await call.json<{ repositoryName: string }>();
  for (const { imageDigest, imageTag } of parseJson<BatchDeleteImageResponse>(answer).imageIds ?? []) {
    publish(imageAction('DELETE', repositoryName, imageDigest!, imageTag));
  }
  return answer;
}
