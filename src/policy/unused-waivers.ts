import type { Waivers } from '../core/waivers/waiver';
import { RepositorySelector } from '../repository/repository-selector';

/** How many are named in one warning. */
const SHOWN = 5;

/**
 * Names of repositories in waivers that nothing enrols: such a waiver covers nothing, and is often misspelt.
 * A pattern may be meant for repositories to come.
 *
 * @param enrolled everything that is scanned, by pushes or because a deployment asks for it
 * @internal
 */
export function unusedWaivers(waivers: Waivers, enrolled: readonly RepositorySelector[]): string | undefined {
  const isEnrolled = (name: string) => {
    const selector = RepositorySelector._named(name);
    return enrolled.some(each => each._canShare(selector));
  };
  const names = new Set(waivers.flatMap(({ repositories = [] }) => repositories));
  const unknown = [...names].filter(name => !name.includes('*') && !isEnrolled(name)).sort();
  if (unknown.length === 0) return undefined;
  const more = unknown.length > SHOWN ? ` and ${unknown.length - SHOWN} more` : '';
  const shown = unknown.slice(0, SHOWN).map(name => JSON.stringify(name));
  return `waivers name repositories that nothing enrols, so they cover nothing there: ${shown.join(', ')}${more}; enrolled: ${enrolled.map(each => each._shown()).join(', ')}; correct the names, or select the repositories in the property "repositories"; of a file that several trusts read, acknowledge this`;
}
