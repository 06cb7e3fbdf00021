import type { DeploymentProperties } from './deployment';
import { ImageName, imageOf } from '../image';

/** An image that was admitted, and what the template called it. Ids of before this was kept do not say. */
export interface Admitted {
  readonly image: ImageName;
  /** A tag or a digest. */
  readonly reference?: string;
}

/** What the physical id of a gate's resource remembers. CloudFormation does not say which of its ids a rollback gets. */
export interface Memory {
  readonly last: Admitted;
  /** The one before, so that a rollback finds it whatever its tag names by now. */
  readonly before?: Admitted;
}

const REFERENCE = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$/;

/** `<image>#<tag or digest>`, and the same of the one before after a comma: 1,000 characters at most, of the 1,024 that CloudFormation takes. */
export function writeId({ last, before }: Memory): string {
  return [last, before].flatMap(each => each === undefined ? [] : [written(each)]).join(',');
}

/** Undefined for what is no id of an image: a resource that was never made has such a one. */
export function readId(id: string): Memory | undefined {
  const [last, before] = id.split(',').map(read);
  return last === undefined ? undefined : { last, ...(before !== undefined && { before }) };
}

/** The id after an image was admitted. It stays as long as the image and its name do. */
export function idAfter(id: string, admitted: Admitted): string {
  const memory = readId(id);
  if (memory === undefined) return writeId({ last: admitted });
  return written(memory.last) === written(admitted) ? id : writeId({ last: admitted, before: memory.last });
}

export function admittedAs(image: ImageName, { Tag, Digest }: Pick<DeploymentProperties, 'Tag' | 'Digest'>): Admitted {
  return { image, reference: Tag ?? Digest };
}

/** Which image was admitted under the tag that these properties name, as far as the id remembers. */
export function remembered({ last, before }: Memory, properties: DeploymentProperties): ImageName | undefined {
  const inRepository = [last, before].filter(each => each !== undefined && isIn(each.image, properties)) as Admitted[];
  const named = inRepository.find(({ reference }) => reference === properties.Tag);
  return (named ?? inRepository.find(({ reference }) => reference === undefined))?.image;
}

/** The image of the last resort, in the repository that the properties name: in another one its digest need not be. */
export function lastIn({ last, before }: Memory, properties: DeploymentProperties): ImageName | undefined {
  return [last.image, before?.image].find(image => image !== undefined && isIn(image, properties));
}

function isIn(image: ImageName, { Account, Region, Repository }: DeploymentProperties): boolean {
  const { account, region, repository } = imageOf(image);
  return account === Account && region === Region && repository === Repository;
}

function written({ image, reference }: Admitted): string {
  return reference !== undefined && REFERENCE.test(reference) ? `${image}#${reference}` : image;
}

function read(text: string): Admitted | undefined {
  const [image, ...rest] = text.split('#');
  const reference = rest.join('#');
  if (!ImageName.safeParse(image).success) return undefined;
  return { image: image!, ...(REFERENCE.test(reference) && { reference }) };
}
