import { AwsClients } from '../aws-clients';
import { stackProperties, templateProperties } from '../template-properties';
import { escapeXml } from '../xml';
import { Answer, xmlAnswer } from './answer';
import { Call } from './call';
import { Route } from './route';

const BUCKET = 'AWS::S3::Bucket';
type Tags = readonly { readonly Key: string; readonly Value: string }[];

/**
 * MiniStack forgets the tags of a bucket made by CloudFormation, and the CDK empties only a bucket that is
 * tagged for it. A bucket that an update takes out is in no template any more when it is emptied, so its tags
 * are noted before.
 */
export function bucketTagsRoute(aws: AwsClients): Route {
  const noted = new Map<string, Tags>();
  return async call => {
    if (call.isForm) {
      const form = await call.form();
      if (['ExecuteChangeSet', 'UpdateStack'].includes(form.get('Action') ?? '')) {
        await note(form.get('StackName'), aws, noted);
      }
      return undefined;
    }
    const [, bucket] = /^\/([^/]+)\/?$/.exec(call.path) ?? [];
    return call.method === 'GET' && bucket !== undefined && call.query.has('tagging')
      ? tagsOf(bucket, call, aws, noted)
      : undefined;
  };
}

async function note(stack: string | null, aws: AwsClients, noted: Map<string, Tags>): Promise<void> {
  if (stack === null) return;
  // for a missing stack, MiniStack answers the caller
  const buckets = await stackProperties(aws, BUCKET, stack).catch(() => []);
  for (const [bucket, { Tags: tags }] of buckets) if (tags !== undefined) noted.set(bucket, tags as Tags);
}

async function tagsOf(
  bucket: string,
  call: Call,
  aws: AwsClients,
  noted: ReadonlyMap<string, Tags>,
): Promise<Answer> {
  const answer = await call.forward();
  if (answer.status !== 404) return answer;
  const { Tags: declared } = (await templateProperties(aws, BUCKET, bucket)) as { Tags?: Tags };
  const tags = declared ?? noted.get(bucket);
  if (tags === undefined) return answer;
  const rows = tags.map(
    ({ Key, Value }) => `<Tag><Key>${escapeXml(Key)}</Key><Value>${escapeXml(Value)}</Value></Tag>`,
  );
  return xmlAnswer(200, `<Tagging><TagSet>${rows.join('')}</TagSet></Tagging>`);
}
