import { Image } from '../../src/core/image/image';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';

/** An image in a registry, as people name it. */
export interface Reference {
  readonly host: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Where it lies in Amazon ECR. */
  readonly ecr?: Omit<Image, 'digest'>;
}

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?$/;
const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** As Docker reads names: without a registry it is Docker Hub's. */
export function readReference(text: string): Reference {
  const [, name = '', tag, digest] =
    /^(.*?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text) ?? [];
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const host = hasHost ? first : 'docker.io';
  const path = hasHost ? rest.join('/') : rest.length === 0 ? `library/${first}` : name;
  if (!HOST.test(host) || !PATH.test(path) || path.length > 255) {
    throw usageError(
      `${quoted(text, 200)} is neither a file or folder that is there nor an image, allowed: an OCI layout, a tar, or <registry>/<repository>:<tag> or @sha256:<64 hex>`,
    );
  }
  const [, account, region] = ECR.exec(host) ?? [];
  const repository = Image.omit({ digest: true }).safeParse({ account, region, repository: path });
  return {
    host,
    path,
    ...(digest === undefined ? { tag: tag ?? 'latest' } : { digest }),
    ...(repository.success && { ecr: repository.data }),
  };
}
