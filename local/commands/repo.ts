import { main } from './main';
import { mustBeRunning } from './state-file';
import { ensureRepository } from '../cloud/repositories';

if (require.main === module) {
  main(async () => {
    const [name] = process.argv.slice(2);
    if (name === undefined) throw new Error('a repository has a name; run: npm run local:repo -- team/app');
    process.stdout.write(`${await ensureRepository(mustBeRunning(), name)}\n`);
  });
}
