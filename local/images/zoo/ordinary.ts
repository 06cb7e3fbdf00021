import { SyntheticSize, syntheticPackages } from '../../vulnerability-database/synthetic';
import { Content } from '../content';
import { buildImage, ContainerConfig, RawLayer } from '../image';
import { Layer } from '../layer';
import { nodeModules } from '../npm-packages';
import { awsAccessKeyId, awsSecretAccessKey, githubToken, privateKey } from '../secrets';
import { zip } from '../zip';
import {
  APPLICATION,
  HARDENED,
  historyOf,
  MINIMIST,
  supportedOs,
  UNFIXED,
  unknownOs,
  unsupportedOs,
} from './ingredients';

/** Hardened by default: each image is in the zoo for one reason. */
function image(layers: readonly (Layer | RawLayer)[], config: ContainerConfig = HARDENED): Promise<Content> {
  return buildImage({ layers, config, history: historyOf(layers.length, config) });
}

const ROOT: ContainerConfig = { Entrypoint: HARDENED.Entrypoint, Healthcheck: HARDENED.Healthcheck };

export function clean(): Promise<Content> {
  return image([supportedOs(), APPLICATION]);
}

export async function fixableCritical(): Promise<Content> {
  return image([supportedOs(), APPLICATION, await nodeModules([MINIMIST])]);
}

/** Whoever pulls the image can still read the first layer. */
export function secretDeletedLater(): Promise<Content> {
  const secrets = new Layer()
    .file('root/.ssh/id_rsa', privateKey('deleted'), 0o600)
    .file(
      'app/.env',
      `AWS_ACCESS_KEY_ID=${awsAccessKeyId('deleted')}\nAWS_SECRET_ACCESS_KEY=${awsSecretAccessKey('deleted')}\n`,
    )
    .file('tmp/token.txt', `GITHUB_TOKEN=${githubToken('deleted')}\n`);
  const deletion = new Layer().whiteout('root/.ssh/id_rsa').whiteout('app/.env').whiteout('tmp/token.txt');
  return image([supportedOs().with(secrets), deletion, APPLICATION]);
}

/**
 * The secrets are there, but a CMD that the pusher put into the history lets Trivy take their layer for a
 * base image's.
 */
export function secretBehindHistory(): Promise<Content> {
  const secrets = new Layer().file('root/.ssh/id_rsa', privateKey('behind history'), 0o600);
  const history = [
    { created_by: 'COPY / /' },
    { created_by: 'CMD ["sh"]', empty_layer: true },
    { created_by: 'COPY app /app' },
  ];
  return buildImage({ layers: [supportedOs().with(secrets), APPLICATION], config: HARDENED, history });
}

export function root(): Promise<Content> {
  return image([supportedOs(), APPLICATION], ROOT);
}

/** As ko and crane build: Trivy's own check for root sees nothing to check. */
export function rootWithoutHistory(): Promise<Content> {
  return buildImage({ layers: [supportedOs(), APPLICATION], config: ROOT });
}

export function alpineEol(): Promise<Content> {
  return image([unsupportedOs(), APPLICATION]);
}

export function unfixedOnly(): Promise<Content> {
  return image([supportedOs(UNFIXED), APPLICATION]);
}

export function unknownOsRelease(): Promise<Content> {
  return image([unknownOs(), APPLICATION]);
}

export function noPackages(): Promise<Content> {
  return image([supportedOs([]), APPLICATION]);
}

export function scratch(): Promise<Content> {
  return buildImage({ layers: [], config: HARDENED });
}

/** A jar that says what it is; Trivy still refuses it without a Java database. */
export function log4shell(): Promise<Content> {
  const jar = zip({
    'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties':
      'groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n',
  });
  return image([supportedOs(), new Layer().file('app/lib/log4j-core-2.14.1.jar', jar)]);
}

/** 2,400 findings, in a database that was built with `syntheticFacts(MANY_FINDINGS)`; none in any other. */
export const MANY_FINDINGS: SyntheticSize = { packages: 60, advisoriesPerPackage: 40 };

export function manyFindings(): Promise<Content> {
  return image([supportedOs(syntheticPackages(MANY_FINDINGS)), APPLICATION]);
}
