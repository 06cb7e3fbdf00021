import { jobIdOf } from '../../../src/core/gates/pipeline-job';
import { Seconds, Tries } from '../../../src/core/times';
import { decidePipelineJob, type JobAnswer } from '../../../use-cases/gates/pipeline-job';
import { World } from '../world';
import { ServiceGate, STATES, trusted, uriOf } from '../world/service-gate';

/**
 * The event is the documented one.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html#actions-invoke-lambda-function-json-event-example
 */
function event(UserParameters: unknown, data: object = {}) {
  return {
    'CodePipeline.job': {
      id: '11111111-abcd-1111-abcd-111111abcdef',
      accountId: '111111111111',
      data: {
        actionConfiguration: {
          configuration: { FunctionName: 'MyLambdaFunctionForAWSCodePipeline', UserParameters },
        },
        inputArtifacts: [
          {
            location: {
              s3Location: {
                bucketName: 'codepipeline-us-east-2-1234567890',
                objectKey: 'CodePipelineDemoApplication.zip',
              },
              type: 'S3',
            },
            revision: null,
            name: 'ArtifactName',
          },
        ],
        outputArtifacts: [],
        artifactCredentials: {
          secretAccessKey: 'a-secret',
          sessionToken: 'a-secret',
          accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        },
        ...data,
      },
    },
  };
}

const of = (...images: unknown[]) => event(JSON.stringify({ count: images.length, images }));
const SUCCESS: JobAnswer = { result: 'success' };
const failure = (says: string) => ({ result: 'failure', message: expect.stringContaining(says) });

let world: World;
let gate: ServiceGate;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new ServiceGate(world);
});

afterEach(() => expect(JSON.stringify([gate.said, gate.reported])).not.toContain('secret'));

function ask(given: unknown): Promise<JobAnswer> {
  return decidePipelineJob(given, { ...gate.context(), scope: 'arn:gate' });
}

test.each(STATES)('an image that is %s', async (_, says, make) => {
  const other = uriOf(await trusted(world, 'team/other'));
  const image = await make(world);
  const answer = await ask(of(other, uriOf(image)));
  expect(answer).toEqual(says === undefined ? SUCCESS : failure(`image 2: ${image} ${says}`));
  expect(gate.reported).toEqual(says === undefined ? [] : [{ outcome: 'refused', message: undefined }]);
  gate.enforcement = 'AUDIT';
  expect(await ask(of(uriOf(image)))).toEqual(SUCCESS);
});

describe('rule 5.7, fail closed', () => {
  test.each<[string, string, unknown]>([
    ['nothing', 'all of it', null],
    ['no job', 'CodePipeline.job', {}],
    ['no data', 'CodePipeline.job.data', { 'CodePipeline.job': { id: '1' } }],
    ['no user parameters', 'UserParameters', event(undefined)],
    ['user parameters that are no JSON', 'the user parameters of the action', event('team/app')],
    [
      'another user parameter',
      'the user parameters of the action',
      event('{"count":1,"images":["a"],"skip":true}'),
    ],
    ['no count of its images', 'count', event('{"images":["a"]}')],
    ['no image', 'images', of()],
    ['too many images', 'images', of(...Array.from({ length: 51 }, () => 'a'))],
    ['an image that is no text', 'images.0', of({ Ref: 'Image' })],
    ['a tag', 'has no digest', of('000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app:v1')],
    ['a variable without a value', 'not resolved yet', of('#{Build.IMAGE}')],
    ['an empty text', 'the image ""', of('')],
    [
      'a host that begins like a registry',
      'it is in 000000000000.dkr.ecr.us-east-1.amazonaws.com.evil.io',
      of(`000000000000.dkr.ecr.us-east-1.amazonaws.com.evil.io/team/app@sha256:${'a'.repeat(64)}`),
    ],
  ])('a job with %s', async (_, says, given) => {
    expect(await ask(given)).toEqual(failure(says));
    expect(gate.asked).toEqual([]);
  });

  test.each([
    ["another account's registry", '000000000000', '111111111111'],
    ["another region's registry", 'us-east-1', 'eu-west-1'],
  ])('a job with the digest of a trusted image in %s', async (_, here, there) => {
    const image = uriOf(await trusted(world));
    expect(await ask(of(image.replace(here, there)))).toEqual(failure('it is in '));
    expect(gate.asked).toEqual([]);
    expect(await ask(of(image))).toEqual(SUCCESS);
  });

  test('a job that is not decided in time is looked at again, and refused in the end', async () => {
    const image = uriOf(await trusted(world));
    const waits: number[] = [];
    gate.pause = async seconds => void waits.push(seconds);
    gate.load = () => new Promise(() => undefined);
    expect(await ask(of(image))).toEqual({ result: 'again', continuationToken: 'looks=1' });
    const last = { continuationToken: `looks=${Tries.gateLooks - 1}` };
    expect(await ask(event(JSON.stringify({ count: 1, images: [image] }), last))).toEqual(
      failure('no decision within 15 seconds'),
    );
    const { gateDecides, trustAnswers } = Seconds; // one within the other
    expect(waits).toEqual([gateDecides, trustAnswers, gateDecides, trustAnswers]);
  });

  describe.each(['looks=0', 'looks=999', 'looks=-1', 'looks=1000', 'looks=1; looks=2', 'admitted', ''])(
    'a continuation token that somebody made up (%j)',
    continuationToken => {
      const job = (image: string) =>
        event(JSON.stringify({ count: 1, images: [image] }), { continuationToken });

      test('admits nothing that is refused without it', async () => {
        expect(await ask(job(uriOf(await STATES[1]![2](world))))).toEqual(failure('it does not pass policy'));
      });

      test('ends in a refusal after at most as many looks as without it', async () => {
        const image = uriOf(await trusted(world));
        gate.load = () => Promise.reject(new Error('throttled'));
        let answer = await ask(job(image));
        for (let looks = 1; answer.result === 'again' && looks < Tries.gateLooks; looks += 1) {
          const { continuationToken: given } = answer;
          answer = await ask(
            event(JSON.stringify({ count: 1, images: [image] }), { continuationToken: given }),
          );
        }
        expect(answer).toEqual(failure('throttled'));
      });
    },
  );

  test('a continuation token that is no text', async () => {
    const image = uriOf(await trusted(world));
    const job = event(JSON.stringify({ count: 1, images: [image] }), { continuationToken: { looks: 1 } });
    expect(await ask(job)).toEqual(failure('continuationToken'));
  });
});

describe('rule 5.7, fail closed: a variable that changes what the parameters say', () => {
  /** As CodePipeline does: the value takes the place of the name, and nothing is escaped. */
  const withVariables = ({ WEB, SIDE }: { WEB: string; SIDE: string }) =>
    event(`{"count":2,"images":["${WEB}","${SIDE}"]}`);

  test.each<[string, string, (good: string) => string]>([
    ['names the images again', 'can be read in two ways', good => `x"],"images":["${good}","${good}`],
    ['names their count again', 'can be read in two ways', good => `x"],"count":1,"images":["${good}`],
    ['names them in another case', 'cannot be read: all of it', good => `x"],"Images":["${good}`],
    ['names a prototype', 'cannot be read: all of it', () => 'x"],"__proto__":["x'],
    ['adds an image', 'have 3 images, and the app named 2', good => `${good}","${good}`],
    ['adds a list', 'cannot be read: images.2', good => `${good}",["${good}"],"${good}`],
    ['escapes the quote behind it', 'cannot be read: all of it', good => `${good}\\`],
    ['is another text once it is read', 'can be read in two ways', good => good.replace('@', '\\u0040')],
    ['has spaces around a comma', 'can be read in two ways', good => `${good}" , "${good}`],
  ])('it %s: refused, and nobody is asked', async (_, says, side) => {
    const good = uriOf(await trusted(world));
    const bad = uriOf(await STATES[1]![2](world));
    expect(await ask(withVariables({ WEB: good, SIDE: good }))).toEqual(SUCCESS);
    expect(await ask(withVariables({ WEB: bad, SIDE: good }))).toEqual(failure('image 1'));
    gate.asked.length = 0;
    expect(await ask(withVariables({ WEB: bad, SIDE: side(good) }))).toEqual(failure(says));
    expect(await ask(withVariables({ WEB: side(good), SIDE: bad }))).toEqual(
      failure('a variable may hold one image with its digest, and nothing else'),
    );
    expect(gate.asked).toEqual([]);
  });
});

test('who is to be answered is known, or nobody is', () => {
  expect(jobIdOf(of('a'))).toBe('11111111-abcd-1111-abcd-111111abcdef');
  for (const each of [null, 'x', {}, { 'CodePipeline.job': { id: '' } }]) {
    expect(jobIdOf(each)).toBeUndefined();
  }
});

test('what may be over soon is looked at again, and refused in the end', async () => {
  const image = uriOf(await trusted(world));
  gate.load = () =>
    Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
  const answers: JobAnswer[] = [];
  let continuationToken: string | undefined;
  do {
    const answer = await ask(event(JSON.stringify({ count: 1, images: [image] }), { continuationToken }));
    answers.push(answer);
    continuationToken = answer.result === 'again' ? answer.continuationToken : undefined;
  } while (continuationToken !== undefined);
  expect(answers).toEqual([
    ...Array.from({ length: Tries.gateLooks - 1 }, (_, at) => ({
      result: 'again',
      continuationToken: `looks=${at + 1}`,
    })),
    failure('ThrottlingException: Rate exceeded'),
  ]);
});
