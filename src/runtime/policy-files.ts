import { readdirSync, readFileSync, statSync } from 'fs';
import { Limit } from '../core/limits';
import type { PolicyFileOptions, TextFile } from '../core/policy/policy-file-references';
import { failed, ok, type Result } from '../core/result';

/**
 * Reads what a policy file names: a file, or the Rego files of a folder, without tests, in the order of their
 * names.
 */
export function policyFiles(policyFile: string): PolicyFileOptions['read'] {
  const folder = policyFile.replace(/[^/\\]*$/, '');
  return path => {
    try {
      const files = statSync(folder + path).isDirectory()
        ? regoFiles(folder, path.replace(/\/+$/, ''))
        : [path];
      if (files.length > Limit.policyFileFolderFiles) {
        return failed(`has ${files.length} policies, allowed: ${Limit.policyFileFolderFiles}`);
      }
      return readAll(folder, files);
    } catch (error) {
      const { code = 'an error' } = error as NodeJS.ErrnoException;
      return failed(
        code === 'ENOENT' ? 'is not there, allowed: a path relative to this file' : `cannot be read: ${code}`,
      );
    }
  };
}

function readAll(folder: string, files: readonly string[]): Result<readonly TextFile[], string> {
  const texts: TextFile[] = [];
  for (const name of files) {
    const { size } = statSync(folder + name);
    if (size > Limit.policyFileNamedBytes) {
      return failed(`has ${size} bytes, allowed: ${Limit.policyFileNamedBytes}`);
    }
    try {
      texts.push({
        name,
        text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(folder + name)),
      });
    } catch (error) {
      if (error instanceof TypeError) return failed('is not UTF-8, allowed: text in UTF-8');
      throw error;
    }
  }
  return ok(texts);
}

function regoFiles(folder: string, path: string): string[] {
  const entries = readdirSync(folder + path, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return entries.flatMap(entry => {
    const name = `${path}/${entry.name}`;
    if (entry.isDirectory()) return regoFiles(folder, name);
    return entry.name.endsWith('.rego') && !entry.name.endsWith('_test.rego') ? [name] : [];
  });
}
