import { cloudFormationAsks, ecsAsks } from './hooks';
import { didNotHold, held, isDenied, notChecked, type Answer, type Numbered } from './numbered';
import { imported, rotated } from './rotation';
import { clientsAs } from '../../local/cloud/assume-role';
import { stackResources } from '../../local/cloud/stack-resources';
import { STACK } from '../../local/quickstart';
import { ownName, type Check } from '../check';
import { QUICKSTART_KEY } from '../names';
import { resourceOf } from '../stacks';

export const DEPLOYMENTS: readonly Numbered[] = [
  {
    number: 10,
    title: 'The custom resource',
    parts: [
      { what: 'the policy was published on creation', run: policyPublished },
      { what: 'and on update and delete', suite: 'lifecycle' },
    ],
  },
  {
    number: 19,
    title: 'A large policy through CloudFormation',
    parts: [{ what: '120 KiB, twice', cannot: 'no app of the tests has a policy of that size' }],
  },
  {
    number: 20,
    title: "The key's policy",
    parts: [
      {
        what: '`kms:MessageType`: the signer may not sign a raw message',
        run: async check => {
          const role = await resourceOf(check, 'AWS::IAM::Role', 'TrustSignerRole');
          const { kms } = await clientsAs(check.cloud, check.aws, role);
          const KeyId = await resourceOf(check, 'AWS::KMS::Key', 'Key');
          return isDenied('kms:Sign of a raw message by the signer', () =>
            kms.sign({
              KeyId,
              Message: Buffer.from('test'),
              MessageType: 'RAW',
              SigningAlgorithm: 'ECDSA_SHA_256',
            }),
          );
        },
      },
      { what: 'what `GetPublicKey` answers for a disabled key', run: disabledKey },
    ],
  },
  {
    number: 23,
    title: 'A refused deployment',
    parts: [
      {
        what: 'the reason is in the events of the stack, and what ran before runs on',
        suite: 'deployment-gate',
      },
      {
        what: 'how the console shows it',
        cannot: 'a person has to look: the stack Service, its events, Custom::TrustedImage',
      },
      {
        what: 'which events a custom resource gets when its stack rolls back',
        cannot:
          'the framework logs them, and the check keeps no log: see the log of the function that its name calls request-trust',
      },
    ],
  },
  {
    number: 24,
    title: 'The queue of deployments',
    parts: [
      { what: 'a deployment is admitted and refused by way of it', suite: 'deployment-gate' },
      {
        what: 'the host of `ResponseURL`',
        cannot:
          'only the function sees it, and hides it on purpose, since who has it can answer for the gate',
      },
    ],
  },
  {
    number: 25,
    title: "CloudTrail's events",
    parts: [{ what: 'a change of the alias reaches the queue', run: keyChange }],
  },
  {
    number: 26,
    title: '`Fn::GetStackOutput`',
    parts: [
      {
        what: 'in a rotation of the key: a team that nobody told deploys what the next key signed',
        withSecondApp: rotated,
      },
      {
        what: 'what a rollback reads, also where the output is gone meanwhile',
        cannot:
          'the trust would have to be removed while an app rolls back, which may leave a stack that cannot be deleted',
      },
    ],
  },
  {
    number: 29,
    title: 'Gates in a VPC',
    parts: [
      { what: 'the same in a VPC', cannot: 'the endpoints of a VPC cost more than the rest of the check' },
    ],
  },
  {
    number: 34,
    title: 'Importing a trust',
    parts: [
      {
        what: 'by the outputs of its stack',
        withSecondApp: imported,
      },
      {
        what: 'by parameters',
        cannot: 'the second app imports by outputs; parameters were read on the embedded cloud only',
      },
    ],
  },
  {
    number: 35,
    title: 'Asking from another account',
    parts: [
      {
        what: 'allowed, refused, revoked, denied',
        cannot: 'the check has one account, and this needs a second and a third one',
      },
    ],
  },
  {
    number: 36,
    title: 'Gates in services',
    parts: [
      {
        what: 'CloudFormation asks the gate about a task definition, in a stack of the check',
        withSecondApp: cloudFormationAsks,
      },
      {
        what: 'Amazon ECS asks the gate about a deployment of a service without tasks',
        withSecondApp: ecsAsks,
      },
      {
        what: 'the hook of Cloud Control, other types, and an action of CodePipeline',
        cannot:
          "a hook of Cloud Control knows no filter of stacks, so it would ask about calls of the account's other users, and stays off; the check runs no pipeline",
      },
    ],
  },
];

async function policyPublished({ aws }: Check): Promise<Answer> {
  const found = (await stackResources(aws, STACK)).find(
    ({ ResourceType }) => ResourceType === 'Custom::TrustedImagesPolicy',
  );
  if (found === undefined) return notChecked(`the stack ${STACK} has no Custom::TrustedImagesPolicy`);
  const raw = { status: found.ResourceStatus, id: found.PhysicalResourceId };
  return /^(?:CREATE|UPDATE)_COMPLETE$/.test(found.ResourceStatus ?? '')
    ? held(`its status is ${found.ResourceStatus}`, raw)
    : didNotHold(`its status is ${found.ResourceStatus}`, raw);
}

/** With a key of the check's own, whose deletion is scheduled at once. */
async function disabledKey(check: Check): Promise<Answer> {
  const { kms } = check.aws;
  const { KeyMetadata } = await kms.createKey({
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
    Tags: [{ TagKey: 'aws-check', TagValue: check.cloud.mark.id }],
  });
  const KeyId = KeyMetadata!.KeyId!;
  // noted first: whatever happens from here on, it is found and removed
  const { made } = check.file.state;
  check.file.update({ made: [...made, { type: 'AWS::KMS::Key', id: KeyId }] });
  await kms.createAlias({ AliasName: `alias/${ownName(check)}`, TargetKeyId: KeyId });
  await kms.disableKey({ KeyId });
  const answer = await kms.getPublicKey({ KeyId }).then(
    () => 'the public key',
    (error: Error) => `${error.name}: ${error.message}`,
  );
  return answer.startsWith('DisabledException')
    ? held(`it answers ${answer}`, { answer })
    : notChecked(`it answers ${answer}; gates pin public keys, so both answers are safe`, { answer });
}

/** The alias is set to the key that it names already, so nothing changes but the trail. */
async function keyChange(check: Check): Promise<Answer> {
  const { kms, sqs } = check.aws;
  const QueueUrl = await resourceOf(check, 'AWS::SQS::Queue', 'TrustSignerKeyChanges');
  const waiting = async () => {
    const { Attributes = {} } = await sqs.getQueueAttributes({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    return Number(Attributes.ApproximateNumberOfMessages ?? 0);
  };
  const before = await waiting();
  const { KeyMetadata } = await kms.describeKey({ KeyId: QUICKSTART_KEY });
  await kms.updateAlias({ AliasName: QUICKSTART_KEY, TargetKeyId: KeyMetadata!.KeyId! });
  const seconds = check.cloud.endpoint === undefined ? 600 : 2;
  for (let passed = 0; passed < seconds; passed += 1) {
    if ((await waiting()) > before) return held(`the queue had a message after about ${passed} s`);
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
  return didNotHold(`the queue had no message within ${seconds} s`);
}
