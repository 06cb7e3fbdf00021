import { referenceIn } from '../../../use-cases/image-scan/target';
import {
  ECR_HOSTS,
  INVALID,
  NOT_ECR_HOSTS,
  NOT_IN_ECR,
  VALID,
  VALID_SHA512,
} from '../../core/image/references';
import { HOSTILE } from '../../core/support/hostile';

const NONE =
  /^".*" is not an existing file or folder, and as the name of an image it (?:is|has) .*, allowed: /;

test.each(VALID)('%j', (text, named) => expect(referenceIn(text)).toMatchObject(named));

test.each([...INVALID, VALID_SHA512[0], '-v', '--flag', ...HOSTILE.slice(0, 15)])('%j is none', text => {
  expect(() => referenceIn(text)).toThrow(NONE);
});

test.each(ECR_HOSTS)('in Amazon ECR: %s by %s', (region, host) => {
  expect(referenceIn(`${host}/team/app`).ecr).toEqual({
    account: '000000000000',
    region,
    repository: 'team/app',
  });
});

test.each(NOT_ECR_HOSTS)('%s is another registry', host => {
  expect(referenceIn(`${host}/team/app`)).not.toHaveProperty('ecr');
});

test.each(NOT_IN_ECR)('Amazon ECR has no repository %s', path => {
  expect(() => referenceIn(`${ECR_HOSTS[0]![1]}/${path}`)).toThrow(NONE);
});
