import { main } from './main';
import { mustBeRunning } from './state-file';
import { Progress } from '../progress';
import { deployService } from '../quickstart';

if (require.main === module) {
  main(async () => {
    const [tag, ...more] = process.argv.slice(2);
    if (tag === undefined || more.length > 0) {
      throw new Error(`${process.argv.length - 2} arguments, allowed: one, the tag of an image of team/app`);
    }
    await new Progress().step(`service with team/app:${tag}`, () => deployService(mustBeRunning(), tag));
  });
}
