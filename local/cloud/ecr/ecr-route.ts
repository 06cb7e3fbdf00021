import { BatchDeleteImageResponse, ListImageReferrersRequest, ListImagesRequest } from '@aws-sdk/client-ecr';
import { LayerUpload } from './layer-upload';
import { imageAction } from './push-manifest';
import { putImage } from './put-image';
import { findReferrers } from './referrers';
import { RepositoryStore } from './repository-store';
import { EventDraft } from '../events/service-event';
import { Answer, errorAnswer, jsonAnswer, parseJson } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';

export interface EcrRouteOptions {
  readonly store: RepositoryStore;
  readonly endpoint: string;
  readonly account: string;
  readonly publish: (event: EventDraft) => void;
}

/** ECR's API where MiniStack's is a stub, or says less than ECR does. MiniStack still authorises every call. */
export function ecrRoute({ store, endpoint, account, publish }: EcrRouteOptions): Route {
  const layers = new LayerUpload(store, endpoint, account);
  const operations: Record<string, (call: Call) => Promise<Answer>> = {
    BatchCheckLayerAvailability: authorised(async call => layers.batchCheckLayerAvailability(await call.json())),
    GetDownloadUrlForLayer: authorised(async call => layers.getDownloadUrlForLayer(await call.json())),
    InitiateLayerUpload: authorised(async call => layers.initiateLayerUpload(await call.json())),
    UploadLayerPart: authorised(async call => layers.uploadLayerPart(await call.json())),
    CompleteLayerUpload: authorised(async call => layers.completeLayerUpload(await call.json())),
    ListImages: authorised(async call => listImages(await call.json(), store)),
    ListImageReferrers: authorised(async call => listImageReferrers(await call.json(), store)),
    PutImage: async call => putImage(await call.json(), call, { store, account, publish }),
    BatchDeleteImage: call => batchDeleteImage(call, publish),
  };
  return async call => {
    if (call.target?.prefix !== 'AmazonEC2ContainerRegistry_V20150921' || !Object.hasOwn(operations, call.target.operation)) return undefined;
    return operations[call.target.operation](call);
  };
}

/** `InvalidAction` means that MiniStack let the caller do what it cannot do itself. */
function authorised(operation: (call: Call) => Promise<Answer>): (call: Call) => Promise<Answer> {
  return async call => {
    const answer = await call.forward();
    const isAllowed = answer.status === 200 || parseJson<{ __type?: string }>(answer).__type === 'InvalidAction';
    return isAllowed ? operation(call) : answer;
  };
}

/** One row a tag, where MiniStack gives one an image. */
async function listImages({ repositoryName, filter }: ListImagesRequest, store: RepositoryStore): Promise<Answer> {
  const imageIds = (await store.images(repositoryName!)).flatMap(({ imageDigest, imageTags = [] }) => {
    if (filter?.tagStatus === 'TAGGED' && imageTags.length === 0) return [];
    if (filter?.tagStatus === 'UNTAGGED' && imageTags.length > 0) return [];
    return imageTags.length === 0 ? [{ imageDigest }] : imageTags.map(imageTag => ({ imageDigest, imageTag }));
  });
  return jsonAnswer(200, { imageIds });
}

async function listImageReferrers({ repositoryName, subjectId, filter }: ListImageReferrersRequest, store: RepositoryStore): Promise<Answer> {
  const digest = subjectId?.imageDigest;
  if (digest === undefined) return errorAnswer('InvalidParameterException', 'Invalid parameter at \'subjectId\': an image digest is needed');
  const referrers = await findReferrers(store, repositoryName!, digest, filter?.artifactTypes);
  return jsonAnswer(200, { referrers: referrers.map(referrer => ({ ...referrer, artifactStatus: 'ACTIVE' })) });
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
