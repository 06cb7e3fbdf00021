import { LONGEST_TEXT, nameText } from '../text/plain-text';

/**
 * A text of SARIF. Code scanning makes a link of `[…](…)` in it, of addresses too, and package names, paths
 * and titles are in it.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifMessage(text: string): { readonly text: string } {
  return { text: nameText(text, LONGEST_TEXT) };
}
