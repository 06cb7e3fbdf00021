/**
 * Characters that are invisible or reverse the text: control and format characters, line separators, lone
 * surrogates, fillers, variation selectors, tags.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Escape sequences are removed as a whole: without its ESC, `[31m` would remain as visible noise. */
// eslint-disable-next-line no-control-regex
const ESCAPES =
  /\u001b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,256}(?:\u0007|\u001b\\)?|[@-Z\\-_])?/g;

/** A line of a message. The longest is the command that lets an image run in an emergency. */
export const LINE_CHARACTERS = 1000;

/** Far more than any message of a rule, a check or a failure has. */
export const LONGEST_TEXT = 4000;

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * What CI systems take for a command in a log: `##[…]`, `##vso[…]` and `##teamcity[…]` anywhere in a line,
 * `section_start:1:…` of GitLab, and at the start of a line, behind blanks too, `::…` of GitHub and `--- …`,
 * `+++ …`, `~~~ …` of Buildkite. A blank in its middle makes it text.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 * @see https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
 */
const COMMAND = /#(?=#\w*\[)|section_(?:start|end):(?=\d)|^\s*:(?=:)|^\s*[-+~^](?=-- |\+\+ |~~ |\^\^ )/g;
/** Most texts have none of it. */
const MAY_COMMAND = /##|section_|^\s*[:+~^-]/;

/** One line that a CI system shows, and does not obey. */
export function withoutCommands(line: string): string {
  return MAY_COMMAND.test(line) ? line.replace(COMMAND, '$& ') : line;
}

/**
 * What becomes a link where it is shown: an address in a terminal, a log, an e-mail or a chat, `[…](…)` and
 * `www.…` in Markdown. An address in Amazon S3 becomes none.
 */
const LINK = /(?<!\bs3):(?=\/\/)|\](?=\()|(?<=(?:^|[\s*_~(<"'])(?:www\.)*)www\.(?=[\w-]+\.)/gi;

const MAY_LINK = /:\/\/|\]\(|www\./i;

function withoutLinks(text: string): string {
  return MAY_LINK.test(text) ? text.replace(LINK, '$& ') : text;
}

/**
 * One line of at most `max` visible characters, and no command to a CI system. Package names, labels, file
 * names and tags are untrusted text.
 */
export function plainText(text: string, max = 200): string {
  // nearly every text is plain already
  if (text.length <= max && PLAIN.test(text) && !MAY_COMMAND.test(text)) return text.trim();
  const visible = text
    .slice(0, max * 8)
    .replace(ESCAPES, '')
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNSEEN, '')
    .trim();
  return cutText(withoutCommands(visible), max);
}

function cutText(line: string, max: number): string {
  if (line.length <= max) return line;
  const characters = Array.from(line);
  return characters.length <= max ? line : characters.slice(0, max - 1).join('') + '…';
}

/**
 * A name, version, path or title that an image or a report gives, as people read it: a line without commands
 * and without links. What this library links to is never part of it.
 */
export function nameText(text: string, max = 200): string {
  return cutText(withoutLinks(plainText(text, max)), max);
}

/** A given value, as errors show it. */
export function quoted(text: string, max?: number): string {
  return JSON.stringify(plainText(text, max));
}

/**
 * For chat and Markdown: nothing in the text can start a link, a mention, a code span or a table cell. It
 * reads as it was given: addresses and names of hosts too, which chats make links of.
 */
export function markdownText(text: string, max = 200): string {
  return plainText(text, max).replace(
    /[\\`*_{}[\]()#+!|<>~@&]|:(?=\/\/)|(?<=[\p{L}\p{N}])\.(?=\p{L})/gu,
    character => `&#${character.charCodeAt(0)};`,
  );
}

/**
 * SNS accepts only ASCII subjects under 100 characters without a leading space: others would lose the
 * alert.
 */
export function subjectText(text: string): string {
  return plainText(text, 400)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 99)
    .trim();
}

/**
 * Cut between two characters to `max` bytes of UTF-8: tables and events count bytes, and refuse half a
 * character.
 */
export function cutToBytes(text: string, max: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= max) return new TextDecoder().decode(bytes);
  // `stream` drops a character that is cut in two
  return new TextDecoder().decode(bytes.subarray(0, max - 3), { stream: true }) + '…';
}

/** Cut between two characters to `max` bytes in a JSON string. */
export function cutToJson(text: string, max: number): string {
  if (jsonBytes(text) <= max) return text;
  let left = max - jsonBytes('…');
  const characters = Array.from(text);
  return (
    characters
      .slice(
        0,
        characters.findIndex(character => (left -= jsonBytes(character)) < 0),
      )
      .join('') + '…'
  );
}

/** Its bytes in a JSON string: a quote, a backslash and a line feed take two. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
