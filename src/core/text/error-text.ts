import { plainText } from './plain-text';

/** What was thrown, in one line. */
export function errorText(error: unknown): string {
  return plainText(error instanceof Error ? `${error.name}: ${error.message}` : String(error), 300);
}
