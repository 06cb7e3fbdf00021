import { EXPECTED } from './expected';
import { follow } from './follow';
import type { Line } from './table';
import type { CloudDescription } from '../cloud/description';
import { loginTo } from '../cloud/registry-login';
import { pushImage } from '../images/push';
import { zooImage } from '../images/zoo/zoo';
import type { Progress } from '../progress';
import type { QuickstartOutputs } from '../quickstart';

const REPOSITORY = 'team/app';

/** Pushes all images at once, as a busy team would, and follows each to its verdict. */
export async function runDemo(
  cloud: CloudDescription,
  outputs: QuickstartOutputs,
  progress: Progress,
): Promise<Line[]> {
  return Promise.all(
    EXPECTED.map(async ({ image, title, outcome: expected }) => {
      const content = await zooImage(image);
      const began = Date.now();
      const digest = await pushImage(await loginTo(cloud), REPOSITORY, image, content);
      progress.say(`pushed ${REPOSITORY}:${image}`);
      const { outcome, worst } = await follow(cloud, outputs.RegisterTableName, REPOSITORY, digest);
      progress.say(`${outcome} ${REPOSITORY}:${image}`);
      return { image, title, expected, outcome, worst, seconds: (Date.now() - began) / 1000 };
    }),
  );
}
