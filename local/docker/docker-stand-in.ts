import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCommand } from './docker-command';
import { stateFolder } from './environment';
import { LocalImages, NoSuchImage } from './local-images';
import { pushAddress } from './push-address';
import { readContent, readLayout } from './read-layout';
import { matchesPath } from '../cloud/glob';
import { messageOf } from '../cloud/say';
import { pushImage } from '../images/push';

/** The layout in the folder of an image asset that stands for the result of a build. */
export const LAYOUT_FOLDER = 'image';

export interface Surroundings {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A stand-in for Docker, with what cdk-assets uses of it. Resolves to the printed output. */
export async function dockerStandIn(
  args: readonly string[],
  { folder, environment }: Surroundings,
): Promise<string> {
  const command = readCommand(args);
  const images = new LocalImages(stateFolder(environment));
  switch (command.name) {
    case 'build': {
      const layout = layoutIn(resolve(folder, command.context));
      // all of it, so that a broken layout is reported here and not while pushing
      const { descriptor } = await readLayout(layout);
      await images.keep(command.tag, { layout, descriptor });
      return `${command.tag} is ${descriptor.digest} from ${layout}\n`;
    }
    case 'images': {
      const names = await images.names();
      return names
        .filter(name => matchesPath(command.pattern, name))
        .map(name => `${name}\n`)
        .join('');
    }
    case 'inspect': {
      const { descriptor } = await images.find(command.image);
      return `${JSON.stringify([{ Id: descriptor.digest, RepoTags: [command.image] }])}\n`;
    }
    case 'login':
      return 'the embedded registry asks for no login\n';
    case 'push': {
      const { registry, repository, tag } = pushAddress(command.image, environment.AWS_ENDPOINT_URL);
      const { layout, descriptor } = await images.find(command.image);
      const digest = await pushImage(
        { base: registry },
        repository,
        tag,
        await readContent(layout, descriptor),
      );
      return `${tag}: digest: ${digest} size: ${descriptor.size}\n`;
    }
    case 'tag':
      await images.keep(command.target, await images.find(command.source));
      return '';
  }
}

export async function main(): Promise<void> {
  try {
    process.stdout.write(
      await dockerStandIn(process.argv.slice(2), { folder: process.cwd(), environment: process.env }),
    );
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    // if inspect exits with 1, cdk-assets builds the image; any other code ends it
    process.exitCode = error instanceof NoSuchImage ? 1 : 2;
  }
}

function layoutIn(context: string): string {
  const layout = join(context, LAYOUT_FOLDER);
  if (existsSync(join(layout, 'oci-layout'))) return layout;
  const remedy = `put an OCI layout into the folder ${LAYOUT_FOLDER}/ of the asset, as writeLayout of local/images/layout.ts does, or unset CDK_DOCKER and use Docker`;
  throw new Error(`this stand-in builds nothing, and ${context} has no image: ${remedy}`);
}
