import { plainText, withoutCommands } from '../../src/core/text/plain-text';

type Stream = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };

export interface OutputOptions {
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const STYLES = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 } as const;
export type Style = keyof typeof STYLES;

/**
 * Results go to stdout, everything else to stderr. Untrusted text goes through `plainText` or `nameText`
 * first (rule 5.5, untrusted text). No line is a command to the CI system whose log it is in, however it was
 * put together.
 */
export class Output {
  /** Set by `--quiet`: results and errors only. */
  public quiet = false;
  private readonly stdout: Stream;
  private readonly stderr: Stream;
  private readonly hasColour: boolean;

  constructor({
    stdout = process.stdout,
    stderr = process.stderr,
    environment = process.env,
  }: OutputOptions = {}) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.hasColour = stdout.isTTY === true && (environment.NO_COLOR ?? '') === '';
  }

  /** A line of the result. */
  public print(line: string): void {
    this.stdout.write(`${inLog(line)}\n`);
  }

  /** The same JSON, in ASCII. */
  public printJson(value: unknown): void {
    this.print(asciiJson(value));
  }

  /** Progress, for people who watch. */
  public progress(line: string): void {
    if (!this.quiet && this.stderr.isTTY === true) this.stderr.write(`${inLog(line)}\n`);
  }

  /** Information that is not an error. */
  public note(line: string): void {
    if (!this.quiet) this.stderr.write(`${inLog(line)}\n`);
  }

  public error(line: string): void {
    this.stderr.write(`${inLog(line)}\n`);
  }

  public styled(text: string, style: Style): string {
    return this.hasColour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  }
}

/**
 * ASCII only, without loss: characters that reverse text would work on a terminal within JSON too, and `##[`
 * in a log of a CI system.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[\u007f-\uffff]|#(?=#)|(?<=section_(?:start|end)):/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A carriage return begins a line too: logs take it for one, and terminals write over what was there. */
function inLog(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(line => withoutCommands(line))
    .join('\n');
}

/** As many lines as there are, each of visible characters, with the spaces that it begins with. */
export function shownLines(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map(line => /^ */.exec(line)![0] + plainText(line, 4000))
    .join('\n');
}
