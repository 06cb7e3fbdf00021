import type { DeploymentProperties } from './deployment';
import { ImageName, imageOf } from '../image/image';

/** An image that a gate let run, and what the template called it. */
export interface Admitted {
  readonly image: ImageName;
  /** A tag or a digest. */
  readonly reference?: string;
  /**
   * It was not trusted when it was let in, and no gate that this remembers ever found it trusted: an audit
   * let it pass, or a rollback.
   */
  readonly anyway?: true;
}

/**
 * What the physical id of a gate's resource remembers. CloudFormation does not say which of its ids a
 * rollback gets.
 */
export interface Memory {
  readonly last: Admitted;
  /** The one before, so that a rollback finds it whatever its tag names by now. */
  readonly before?: Admitted;
}

const ANYWAY = 'anyway';
const REFERENCE = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$/;

/**
 * `<image>#<tag or digest>`, `#anyway` behind what was not trusted, and the same of the one before after a
 * comma: 985 characters at most, of the 1,024 that CloudFormation takes.
 */
export function writeId({ last, before }: Memory): string {
  return [last, before].flatMap(each => (each === undefined ? [] : [written(each)])).join(',');
}

/** Undefined for what is no id of an image: a resource whose image was never let in has such a one. */
export function readId(id: string): Memory | undefined {
  const [last, before] = id.split(',').map(read);
  return last === undefined ? undefined : { last, ...(before !== undefined && { before }) };
}

/**
 * The id after an image was let in. It stays as long as the image, its name and what is known of it do. Once
 * trusted here, an image is not taken for one that never was.
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
 * What may have run with these properties, the likeliest first, as far as the id remembers: what had their
 * tag, what had a name that is not known, and then the rest. All of it lies in their repository: in another
 * one its digest need not be.
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

/** What is not written like this nobody here wrote: nothing is known of how it was let in. */
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
