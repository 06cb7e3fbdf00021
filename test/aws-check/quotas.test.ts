import { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import type { Check } from '../../aws-check/check';
import { requireBuilds } from '../../aws-check/quotas';
import { STEPS } from '../../aws-check/steps';
import { AwsFault, AwsServices, type AwsAnswers } from '../support/aws-services';

const NAME = 'Concurrently running builds for Linux/Small environment';
const quotas = (...values: number[]) => ({
  Quotas: values.map(Value => ({ ServiceCode: 'codebuild', QuotaName: NAME, Value })),
});

let services: AwsServices;
beforeAll(async () => {
  services = await AwsServices.start();
});
afterAll(() => services.stop());

async function said(answers: AwsAnswers): Promise<string[]> {
  services.answers = answers;
  const lines: string[] = [];
  const check = {
    aws: { quotas: new ServiceQuotas({ ...services.options, maxAttempts: 1 }) },
    cloud: { region: 'us-east-1' },
    say: (line: string) => lines.push(line),
  };
  await requireBuilds(check as unknown as Check);
  return lines;
}

test('an account that may run no builds is told so', async () => {
  await expect(said({ ListServiceQuotas: () => quotas(0) })).rejects.toThrow(
    `the account may run no builds: its quota "${NAME}" is 0; ask for 1 or more in Service Quotas of us-east-1`,
  );
});

test('a default of 0 counts where the account has no value of its own', async () => {
  const answers = { ListServiceQuotas: () => quotas(), ListAWSDefaultServiceQuotas: () => quotas(0) };
  await expect(said(answers)).rejects.toThrow('the account may run no builds');
});

test('any other number is said, and so is that there is none', async () => {
  expect(await said({ ListServiceQuotas: () => quotas(1) })).toEqual(['builds at once: 1']);
  const none = { ListServiceQuotas: () => quotas(), ListAWSDefaultServiceQuotas: () => quotas() };
  expect(await said(none)).toEqual(['builds at once: Service Quotas does not say']);
});

test('an answer that does not come ends the check', async () => {
  const denied = () => new AwsFault('AccessDeniedException', 'no right to read quotas');
  await expect(said({ ListServiceQuotas: denied })).rejects.toThrow('no right to read quotas');
});

test('they are read before anything is made', () => {
  const names = STEPS.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['nothing in the way', 'quotas', 'bootstrap']);
});
