/** Progress for the terminal: each step, when it began, and how long it took. */
export class Progress {
  private readonly began = Date.now();

  constructor(private readonly write: (text: string) => void = text => void process.stderr.write(text)) {}

  public readonly say = (line: string): void => {
    this.write(`${elapsed(this.began)}  ${line}\n`);
  };

  public async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.say(`${title} …`);
    const began = Date.now();
    const result = await work();
    this.say(`${title}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return result;
  }
}

function elapsed(since: number): string {
  const seconds = Math.floor((Date.now() - since) / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
