import { main } from './main';
import { mustBeRunning } from './state-file';
import { Progress } from '../progress';
import { prepareQuickstart } from '../quickstart';

if (require.main === module) {
  main(async () => {
    const progress = new Progress();
    const outputs = await prepareQuickstart(mustBeRunning(), progress);
    process.stdout.write(
      Object.entries(outputs)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join(''),
    );
    progress.say('push to a repository of yours under team/: npm run local:repo -- team/NAME');
  });
}
