import { DIGEST, REPOSITORY } from './admission';
import { containersPolicy, containersRegistries } from '../../../src/core/admission/containers';

test('policy.json accepts a signature of the repository, rejects a revoked digest, and everything else', () => {
  expect(
    JSON.parse(containersPolicy({ repositories: [REPOSITORY] }, ['PEM'], [`${REPOSITORY}@${DIGEST}`])),
  ).toEqual({
    default: [{ type: 'reject' }],
    transports: {
      docker: {
        [REPOSITORY]: [
          {
            type: 'sigstoreSigned',
            keyDatas: [Buffer.from('PEM').toString('base64')],
            signedIdentity: { type: 'matchRepository' },
          },
        ],
        [`${REPOSITORY}@${DIGEST}`]: [{ type: 'reject' }],
      },
    },
  });
});

test('a file of registries.d says that signatures are in the registry', () => {
  expect(JSON.parse(containersRegistries([REPOSITORY]))).toEqual({
    docker: { [REPOSITORY]: { 'use-sigstore-attachments': true } },
  });
});
