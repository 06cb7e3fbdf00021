import { AwsClients } from '../aws-clients';
import { templateProperties } from '../template-properties';
import { escapeXml } from '../xml';
import { xmlAnswer } from './answer';
import { Route } from './route';

/** MiniStack forgets the tags of a bucket made by CloudFormation, and the CDK empties only a bucket that is tagged for it. */
export function bucketTagsRoute(aws: AwsClients): Route {
  return async call => {
    const [, bucket] = /^\/([^/]+)\/?$/.exec(call.path) ?? [];
    if (call.method !== 'GET' || bucket === undefined || !call.query.has('tagging')) return undefined;
    const answer = await call.forward();
    if (answer.status !== 404) return answer;
    const { Tags: tags } = await templateProperties(aws, 'AWS::S3::Bucket', bucket) as { Tags?: { Key: string; Value: string }[] };
    if (tags === undefined) return answer;
    const rows = tags.map(({ Key, Value }) => `<Tag><Key>${escapeXml(Key)}</Key><Value>${escapeXml(Value)}</Value></Tag>`);
    return xmlAnswer(200, `<Tagging><TagSet>${rows.join('')}</TagSet></Tagging>`);
  };
}
