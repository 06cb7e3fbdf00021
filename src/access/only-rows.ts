/**
 * The condition that limits a right on a table to some of its rows, by partition key. It does not limit a
 * call that names no row: it is for actions that name one.
 *
 * @internal
 */
export function onlyRows(
  rows: string[],
  operator: 'StringEquals' | 'StringLike' = 'StringEquals',
): Record<string, Record<string, string[]>> {
  return { [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': rows } };
}

/** The condition for the rows of images in the register: what a gate reads. @internal */
export const IMAGE_ROWS = onlyRows(['*@sha256:*'], 'StringLike');
