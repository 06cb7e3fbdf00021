import { join } from 'node:path';
import { SecurityHub } from '@aws-sdk/client-securityhub';
import type { Policies } from './apps/lifecycle/app';
import { cloud, emulator } from './cloud';
import { CommandLine, credentialsWith } from './command-line';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { buildsOf, documents, listen, makeRepository, nameOf, push, quickstart } from './quickstart';
import { referenceTo, Revocations, Service, type Pushed } from './revocation-fixtures';
import { clientsAs, sessionOf } from '../../local/cloud/assume-role';
import { cdk } from '../../local/cloud/cdk';
import { cosignVerify } from '../../local/cosign/verify';
import { follow, followTrust } from '../../local/demo/follow';
import type { ZooName } from '../../local/images/zoo/zoo';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { ensureCosigns } from '../../local/verify/programs';
import type { CosignPrograms } from '../../local/verify/verifiers';
import { DAILY } from '../../src/core/events/daily';
import { BRAKE_KEY, PASSED_KEY } from '../../src/core/register/revocation-brake';
import { RegisterRow } from '../../src/core/register/row';

const cwd = join(__dirname, 'apps', 'lifecycle');

let programs: CosignPrograms;

async function deploy(policies: Policies): Promise<string> {
  await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd, environment: { POLICIES: policies } });
  return output('Register');
}

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Lifecycle' });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

/** What each cosign says of an image, as soon as all of them say the same. */
async function cosigns(repository: string, digest: string, accepted: boolean): Promise<string[]> {
  const key = `awskms:///${await output('SigningKey')}`;
  return eventually(`cosign to ${accepted ? 'accept' : 'refuse'} the image`, async () => {
    const question = { image: { repository, digest }, key, cloud: cloud() };
    const answers = await Promise.all(
      COSIGN_VERSIONS.map(version =>
        cosignVerify({ ...question, cosign: programs[version] }).catch(goneMeanwhile),
      ),
    );
    return answers.every((answer): answer is Answer => answer?.accepted === accepted)
      ? answers.map(answer => answer.output)
      : undefined;
  });
}

type Answer = Awaited<ReturnType<typeof cosignVerify>>;

/** cosign lists bundles twice; one that is withdrawn in between is no answer about the image. */
function goneMeanwhile(error: unknown): undefined {
  if (!String(error).includes('no valid bundles exist in registry')) throw error;
}

beforeAll(async () => {
  await quickstart();
  programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
});

test('rule 4.9, re-evaluation: another policy judges every image again from its stored report, without a scan; signatures leave at the revocation and come back', async () => {
  const register = await deploy('STRICT');
  const repository = await makeRepository('lifecycle');
  const digest = await push(repository, 'root');
  const first = await follow(cloud(), register, repository, digest);
  expect(first.outcome).toBe('FAIL');

  const row = async (condition: (row: RegisterRow) => boolean) =>
    eventually('the next verdict', async () => {
      const { Item } = await documents().get({
        TableName: register,
        Key: { pk: nameOf(repository, digest) },
        ConsistentRead: true,
      });
      const current = RegisterRow.parse(Item);
      return condition(current) ? current : undefined;
    });
  expect(await deploy('LENIENT')).toBe(register);
  const second = await row(({ verdict }) => verdict?.outcome === 'PASS');
  expect(second.policyRevision).toBe(first.row!.policyRevision + 1);
  expect(second.verdict).toMatchObject({
    scanId: first.row!.verdict!.scanId,
    validUntil: first.row!.verdict!.validUntil,
  });

  await followTrust(cloud(), register, repository, digest);
  await cosigns(repository, digest, true);

  await deploy('STRICT');
  const third = await row(({ verdict }) => verdict?.outcome === 'FAIL');
  // the old document again, but no revision is ever used twice
  expect(third.policyRevision).toBe(second.policyRevision + 1);

  for (const why of await cosigns(repository, digest, false)) expect(why).toMatch(/^no signatures found/);
  const { imageIds } = await cloud().ecr.listImages({ repositoryName: repository });
  expect(new Set(imageIds!.map(({ imageDigest }) => imageDigest))).toEqual(new Set([digest]));

  await deploy('LENIENT');
  await followTrust(cloud(), register, repository, digest);
  await cosigns(repository, digest, true);
  expect(await buildsOf(repository, digest)).toBe(1);
});

onlyEmulated('a gate is asked as Amazon ECS asks it, and the week of an archive is over at once', () =>
  describe('what follows a revocation', () => {
    const gate = 'Gate';
    let trust: Revocations;
    let cli: CommandLine;
    let onCall: Record<string, string>;
    let alerts: Awaited<ReturnType<typeof listen>>;
    let first: Pushed[];
    let held: Pushed;
    let critical: Pushed;
    let criticalService: Service;

    const run = (args: string[], environment: Record<string, string> = {}) =>
      cli.run(args, { TRUSTED_IMAGES_STACK: 'Lifecycle', ...environment });
    const statusOf = async ({ repository, digest }: Pushed) => {
      const { imageDetails } = await cloud().ecr.describeImages({
        repositoryName: repository,
        imageIds: [{ imageDigest: digest }],
        filter: { imageStatus: 'ANY' },
      });
      return imageDetails![0]!.imageStatus;
    };
    const pull = async ({ repository, digest }: Pushed) =>
      (await fetch(`${emulator().endpoint}/v2/${repository}/manifests/${digest}`)).status;

    async function pushAll(prefix: string, images: ZooName[]): Promise<Pushed[]> {
      const repository = uniqueName(`lifecycle/${prefix}`);
      await cloud().ecr.createRepository({ repositoryName: repository });
      return Promise.all(images.map(async image => ({ repository, digest: await push(repository, image) })));
    }

    /** Eight images of four repositories are trusted, and reconcile has counted them. */
    beforeAll(async () => {
      trust = await Revocations.of('Lifecycle');
      cli = new CommandLine();
      const session = await sessionOf(cloud(), cloud(), trust.physical('AWS::IAM::Role', 'OnCall'));
      onCall = {
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken!,
      };
      alerts = await listen({ topicArn: trust.physical('AWS::SNS::Topic', 'TrustAlertsTopic') });
      const pushed = await Promise.all([
        pushAll('first', ['clean', 'root', 'unfixed-only']),
        pushAll('first', ['clean', 'root']),
        pushAll('later', ['clean', 'fixable-critical']),
      ]);
      first = [...pushed[0], ...pushed[1]];
      [held, critical] = pushed[2] as [Pushed, Pushed];
      for (const image of pushed.flat()) {
        await trust.rowOnce(image, ({ statement }) => statement !== undefined);
      }
      criticalService = await Service.of(critical);
      await trust.invoke('TrustScannerReconciler', { source: 'aws.events' });
      await eventually('the count of the images that pass', async () =>
        JSON.stringify((await trust.item(PASSED_KEY)) ?? {}).includes(held.repository) ? true : undefined,
      );
    });
    afterAll(() => cli?.close());

    test('rule 5.13, the brake: a mistake in a policy is held where other repositories failed before it, with a finding for each image, until a person releases it', async () => {
      await deploy('FIRST');
      for (const image of first) await trust.rowOnce(image, ({ revokedBy }) => revokedBy !== undefined);
      await eventually('the count of the images that failed', async () => {
        const { failed = {} } = ((await trust.item(BRAKE_KEY)) ?? {}) as { failed?: Record<string, number> };
        const ofFirst = Object.entries(failed).filter(([name]) => name.includes('/first-'));
        return ofFirst.reduce((sum, [, count]) => sum + count, 0) === first.length ? true : undefined;
      });
      await deploy('ALL');
      const row = await trust.rowOnce(held, each => each.held !== undefined);
      expect([row.verdict?.outcome, row.statement !== undefined, row.revokedBy]).toEqual([
        'FAIL',
        true,
        undefined,
      ]);
      // not held: it has a critical vulnerability
      const other = await trust.rowOnce(critical, ({ revokedBy }) => revokedBy !== undefined);
      expect(other).not.toHaveProperty('held');
      const service = await Service.of(held);
      expect(await service.isAdmittedBy(trust, gate)).toBe(true);
      expect(await criticalService.isAdmittedBy(trust, gate)).toBe(false);
      await alerts.until(body => body.includes('the brake holds revocations'));

      const states = (all: Awaited<ReturnType<Revocations['findings']>>) =>
        all.map(({ RecordState }) => RecordState);
      const findings = await eventually('a finding for each image that is held', async () => {
        const found = await trust.findings('held');
        return found.length === 2 ? found : undefined; // and the image of the test before
      });
      expect(states(findings)).toEqual(['ACTIVE', 'ACTIVE']);
      expect(findings.map(({ Resources }) => Resources![0]!.Id)).toContainEqual(
        expect.stringContaining(`repository/${held.repository}/${held.digest}`),
      );

      const { out } = await run(['brake', 'status']);
      expect(out).toMatch(/^the brake holds until .*, because more than 20 %/);
      expect(out).toContain(nameOf(held.repository, held.digest));
      expect(out).not.toContain(nameOf(critical.repository, critical.digest));
      const release = ['brake', 'release', '--because', 'the rule is meant', '--ticket', 'INC-1'];
      const stranger = await credentialsWith([
        { Effect: 'Allow', Action: ['cloudformation:*', 'lambda:GetFunctionUrlConfig'], Resource: '*' },
      ]);
      expect(await run(release, stranger)).toMatchObject({
        code: 2,
        err: expect.stringContaining('these credentials may not release the brake'),
      });
      expect(await service.isAdmittedBy(trust, gate)).toBe(true);

      expect(await run(release, onCall)).toMatchObject({ code: 0, err: '' });
      await trust.rowOnce(held, ({ revokedBy }) => revokedBy !== undefined);
      expect(await service.isAdmittedBy(trust, gate)).toBe(false);
      await alerts.until(body => body.includes('the brake was released'));
      await eventually('the archived findings', async () =>
        states(await trust.findings('held')).join() === 'ARCHIVED,ARCHIVED' ? true : undefined,
      );
      expect((await run(['brake', 'status'])).out).toMatch(/^the brake holds nothing/);
    });

    test('rule 5.11, break-glass: grant and use are findings; the end archives that of the grant, and a late event opens nothing', async () => {
      const events = await listen({ eventBusName: trust.physical('AWS::Events::EventBus', 'TrustEvents') });
      const of = (command: string, ...more: string[]) =>
        run(
          [
            'break-glass',
            command,
            ...['--image', referenceTo(critical), '--scope', criticalService.arn],
            ...more,
          ],
          onCall,
        );
      const why = ['--for', '1h', '--because', 'the shop is down for everybody', '--ticket', 'INC-1'];
      const granted = await of('grant', ...why);
      expect(granted).toMatchObject({ code: 0, err: '' });
      expect(await criticalService.isAdmittedBy(trust, gate)).toBe(true);
      const states = async () => {
        const found = await trust.findings('break-glass');
        const isUse = ({ Id }: { Id?: string }) => Id!.includes('/use/');
        const state = (use: boolean) => found.find(each => isUse(each) === use)?.RecordState;
        return { grant: state(false), use: state(true) };
      };
      const once = (grant: string) =>
        eventually(`the finding of a grant that is ${grant}`, async () => {
          const now = await states();
          return now.grant === grant && now.use === 'ACTIVE' ? now : undefined;
        });
      await once('ACTIVE');
      const begin = await events.until(body => body.includes('"Break-Glass Granted"'));
      expect(await of('end')).toMatchObject({ code: 0, err: '' });
      // the look that comes within four minutes, now
      const { detail } = JSON.parse(begin) as { detail: { grantId: string } };
      await trust.consume('TrustBreakGlassWatcher', await trust.lookAt(detail.grantId));
      await once('ARCHIVED');
      await trust.consume('Hub', JSON.parse(begin) as object);
      expect(await states()).toEqual({ grant: 'ARCHIVED', use: 'ACTIVE' });
    });

    test('an image that was refused for a week is archived, unless it runs, and comes back with a PASS', async () => {
      const [old, recent, running] = first as [Pushed, Pushed, Pushed];
      const service = await Service.of(running);
      await Promise.all([old, running].map(image => trust.refusedForDays(image, 8)));
      await eventually('the archived image', async () => {
        await trust.consume('Archive', DAILY);
        return (await statusOf(old)) === 'ARCHIVED' ? true : undefined; // a pull would count as use
      });
      expect(await pull(old)).toBe(404);
      expect([await pull(recent), await pull(running)]).toEqual([200, 200]);
      await alerts.until(body => body.includes(running.repository) && body.includes(service.arn));

      const archive = await clientsAs(cloud(), cloud(), trust.physical('AWS::IAM::Role', 'ArchiveRole'));
      const image = { repositoryName: recent.repository, imageIds: [{ imageDigest: recent.digest }] };
      await expect(archive.ecr.batchDeleteImage(image)).rejects.toThrow(/not authorized/);

      await deploy('LENIENT');
      await eventually('the image that came back', async () =>
        (await pull(old)) === 200 ? true : undefined,
      );
      await trust.rowOnce(old, ({ statement }) => statement !== undefined);
    });

    test('rule 5.3, separation of duties: who reports to Security Hub imports into the product of the account, and no more', async () => {
      const [finding] = await trust.findings('held');
      const RoleName = trust.physical('AWS::IAM::Role', 'HubRole');
      const credentials = await sessionOf(cloud(), cloud(), RoleName);
      const { endpoint, region } = cloud();
      const hub = new SecurityHub({ endpoint, region, credentials, maxAttempts: 1 });
      const { Workflow: _, ...given } = finding!;
      const as = (change: object) => hub.batchImportFindings({ Findings: [{ ...given, ...change }] });
      expect(await as({})).toMatchObject({ SuccessCount: 1, FailedCount: 0 });
      const product = given.ProductArn!.replace(/product\/.*/, 'product/111111111111/default');
      for (const tried of [
        () => as({ ProductArn: product }),
        () => as({ AwsAccountId: '111111111111' }),
        () => hub.getFindings({}),
      ]) {
        await expect(tried()).rejects.toThrow(/not authorized/);
      }
    });
  }),
);

test('destroy leaves nothing', async () => {
  await cdk(cloud(), ['destroy', '--force'], { cwd, environment: { POLICIES: 'LENIENT' } });
  const { TableNames } = await cloud().dynamodb.listTables({});
  expect(TableNames!.filter(name => name.startsWith('Lifecycle-'))).toEqual([]);
  const { Buckets } = await cloud().s3.listBuckets({});
  expect(Buckets!.filter(({ Name }) => Name!.startsWith('lifecycle-'))).toEqual([]);
});
