import * as fc from 'fast-check';
import { newRow, repositoryPartition, SHARDS } from '../../../src/core/register/row';
import { digests } from '../support/arbitraries';
import { DIGEST, IMAGE } from '../support/made';

test('every image is in one of the partitions that are asked for', () => {
  fc.assert(
    fc.property(digests(), digest => {
      const image = IMAGE.replace(DIGEST, digest);
      const partitions = Array.from(SHARDS, shard =>
        repositoryPartition({ account: '000000000000', region: 'us-east-1', repository: 'team/app' }, shard),
      );
      expect(partitions).toContain(newRow(image).repositoryPk);
    }),
    { numRuns: 50 },
  );
});
