import type { DeploymentProperties } from './deployment';
import { ImageName, imageOf } from '../image/image';

/** An image that a gate admitted, and how the template named it. */
export interface Admitted {
  readonly image: ImageName;
  /** A tag or a digest. */
  readonly reference?: string;
  /**
   * It was not trusted when it was admitted, and no gate in this memory ever found it trusted: an audit or a
   * rollback admitted it.
   */
  readonly anyway?: true;
}

/**
 * What the physical id of a gate's resource remembers. CloudFormation does not document which id a rollback
 * gets.
 */
export interface Memory {
  readonly last: Admitted;
  /** The image before, so that a rollback finds it although its tag may name another image now. */
  readonly before?: Admitted;
}

const ANYWAY = 'anyway';
const REFERENCE = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$/;

/**
 * `<image>#<tag or digest>`, then `#anyway` if the image was not trusted; after a comma the same for the
 * image before. At most 985 characters, of the 1,024 that CloudFormation accepts.
 */
export function writeId({ last, before }: Memory): string {
  return [last, before].flatMap(each => (each === undefined ? [] : [written(each)])).join(',');
}

/** Undefined for an id without an image, which a resource has until its image is admitted. */
export function readId(id: string): Memory | undefined {
  const [last, before] = id.split(',').map(read);
  return last === undefined ? undefined : { last, ...(before !== undefined && { before }) };
}

/**
 * The id after an image was admitted. It stays the same while the image, its name and its mark do. An image
 * that was trusted here once does not get the mark of an untrusted one.
 */
export function idAfter(id: string, admitted: Admitted): string {
  const memory = readId(id);
  if (memory === undefined) return writeId({ last: admitted });
  const { last, before } = memory;
  const known: Admitted = wasTrusted(memory, admitted.image) ? { ...admitted, anyway: undefined } : admitted;
  if (written(last) === written(known)) return id;
  const isSame = last.image === known.image && last.reference === known.reference;
  return writeId({ last: known, before: isSame ? before : last });
}

export function wasTrusted({ last, before }: Memory, image: ImageName): boolean {
  return [last, before].some(each => each?.image === image && each.anyway === undefined);
}

export interface Remembered {
  readonly named: readonly Admitted[];
  readonly others: readonly Admitted[];
}

/**
 * The remembered images that may have run with these properties, the most likely first: those with their tag,
 * those with an unknown name, then the others. Only images of their repository count: another repository may
 * not contain the digest.
 */
export function remembered({ last, before }: Memory, properties: DeploymentProperties): Remembered {
  const inRepository = [last, before].filter(
    each => each !== undefined && isIn(each.image, properties),
  ) as Admitted[];
  const by = (name: string | undefined) => inRepository.filter(({ reference }) => reference === name);
  const named = [...by(properties.Tag), ...by(undefined)];
  return { named, others: inRepository.filter(each => !named.includes(each)) };
}

function isIn(image: ImageName, { Account, Region, Repository }: DeploymentProperties): boolean {
  const { account, region, repository } = imageOf(image);
  return account === Account && region === Region && repository === Repository;
}

function written({ image, reference, anyway }: Admitted): string {
  const name = reference !== undefined && REFERENCE.test(reference) ? reference : '';
  return anyway === true ? `${image}#${name}#${ANYWAY}` : [image, name].filter(each => each !== '').join('#');
}

/** An entry in another format was not written by this library, so how it was admitted is unknown. */
function read(text: string): Admitted | undefined {
  const [image, reference = '', how, ...rest] = text.split('#');
  if (!ImageName.safeParse(image).success) return undefined;
  const isOurs =
    (reference === '' || REFERENCE.test(reference)) &&
    (how === undefined || how === ANYWAY) &&
    rest.length === 0;
  return {
    image: image!,
    ...(isOurs && reference !== '' && { reference }),
    ...((!isOurs || how === ANYWAY) && { anyway: true }),
  };
}
