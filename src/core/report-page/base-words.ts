import type { ReadBase } from '../bases/base-advice';

/** `12 of 14 findings of the base image are gone there, 1 stays, …` */
export function comparisonText({ gone, stay, unknown, brings }: ReadBase): string {
  const all = gone.size + stay + unknown;
  return [
    `${gone.size} of ${all} findings of the base image ${gone.size === 1 ? 'is' : 'are'} gone there`,
    ...(stay === 0 ? [] : [`${stay} ${stay === 1 ? 'stays' : 'stay'}`]),
    ...(unknown === 0
      ? []
      : [`${unknown} cannot be told, because its last scan used an older vulnerability database`]),
    ...(brings === 0 ? [] : [`it has ${brings} that the present base image does not have`]),
  ].join(', ');
}

/** Its tags, in brackets. Where they name no line, that it is the newest has to do. */
export function tagsText({ tags, isSameLine, isNewest }: ReadBase): string {
  const named = tags.length === 0 ? [] : [`tagged ${tags.join(', ')}`];
  if (isSameLine === true) return ` (${named.join('')})`;
  const which = isNewest ? 'the newest digest that was judged and passes' : 'a newer digest that passes';
  const line = isSameLine === false ? ['of another line of tags'] : [];
  return ` (${[which, ...named, ...line].join(', ')})`;
}
