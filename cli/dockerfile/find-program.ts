import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The program of that name on the PATH of whoever calls. Relative entries are left out: they would run what lies in the folder that is looked at. */
export function findProgram(name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map(folder => join(folder, name)).find(path => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
