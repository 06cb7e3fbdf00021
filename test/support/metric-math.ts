/**
 * Metric math as AWS's documentation describes it, for the functions that our alarms use. It is not
 * CloudWatch: no alarm was evaluated on AWS. A series has one value for each period, undefined where there
 * is no data.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export type Series = readonly (number | undefined)[];

export interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
}

type Value = Series | number | 'REPEAT';

/** The series that an alarm with these queries watches. `start`: of the first period. */
export function watchedSeries(
  queries: readonly Query[],
  metrics: Readonly<Record<string, Series>>,
  { start, periodSeconds }: { readonly start: Date; readonly periodSeconds: number },
): Series {
  const [{ length }] = Object.values(metrics) as [Series];
  const times = Array.from({ length }, (_, at) => new Date(start.getTime() + at * periodSeconds * 1000));
  const known = new Map<string, Value>(Object.entries(metrics));
  const valueOf = (id: string): Value => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const query = queries.find(({ Id }) => Id === id);
    if (query?.Expression === undefined) throw new Error(`no metric and no expression is called ${id}`);
    const value = new Parser(query.Expression, valueOf, times).whole();
    known.set(id, value);
    return value;
  };
  return seriesOf(valueOf(queries.find(({ ReturnData }) => ReturnData === true)!.Id), length);
}

function seriesOf(value: Value, length: number): Series {
  if (value === 'REPEAT') throw new Error('REPEAT is no series');
  return typeof value === 'number' ? Array.from({ length }, () => value) : value;
}

type Binary = (one: number, other: number) => number;
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { OR: (a, b) => Number(a !== 0 || b !== 0) },
  { AND: (a, b) => Number(a !== 0 && b !== 0) },
  {
    '>=': (a, b) => Number(a >= b),
    '<=': (a, b) => Number(a <= b),
    '==': (a, b) => Number(a === b),
    '>': (a, b) => Number(a > b),
    '<': (a, b) => Number(a < b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

class Parser {
  private readonly tokens: string[];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly valueOf: (id: string) => Value,
    private readonly times: readonly Date[],
  ) {
    this.tokens = text.match(/[A-Za-z]\w*|\d+(?:\.\d+)?|>=|<=|==|[-+*/<>(),]/g) ?? [];
  }

  public whole(): Value {
    const value = this.level(0);
    if (this.at < this.tokens.length) throw new Error(`${this.tokens[this.at]} in ${this.text}`);
    return value;
  }

  private level(depth: number): Value {
    const operators = LEVELS[depth];
    if (operators === undefined) return this.primary();
    let left = this.level(depth + 1);
    for (let token = this.tokens[this.at]!; token in operators; token = this.tokens[this.at]!) {
      this.at++;
      left = this.each([left, this.level(depth + 1)], ([a, b]) => operators[token]!(a!, b!));
      if (this.at >= this.tokens.length) break;
    }
    return left;
  }

  private primary(): Value {
    const token = this.tokens[this.at++]!;
    if (token === '(') {
      const value = this.level(0);
      this.expect(')');
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (token === 'REPEAT') return token;
    if (this.tokens[this.at] !== '(') return this.valueOf(token);
    this.expect('(');
    const given = [this.level(0)];
    while (this.tokens[this.at] === ',') {
      this.at++;
      given.push(this.level(0));
    }
    this.expect(')');
    return this.call(token, given);
  }

  private call(name: string, given: readonly Value[]): Value {
    const series = seriesOf(given[0]!, this.times.length);
    switch (name) {
      case 'IF': // no data in the condition is no data in the result
        return this.each(given, ([condition, yes, no]) => (condition === 0 ? no! : yes!));
      case 'FILL': {
        const [, filler] = given;
        let last: number | undefined;
        return series.map(each => (last = each ?? (filler === 'REPEAT' ? last : (filler as number))));
      }
      case 'DIFF': // from the point before, which has data; none for the first point
        return series.map((each, at) => {
          const before = series
            .slice(0, at)
            .filter(value => value !== undefined)
            .at(-1);
          return each === undefined || before === undefined ? undefined : each - before;
        });
      case 'HOUR':
        return this.times.map(time => time.getUTCHours());
      case 'MINUTE':
        return this.times.map(time => time.getUTCMinutes());
      default:
        throw new Error(`${name} is a function that is not known here`);
    }
  }

  private each(given: readonly Value[], of: (values: readonly number[]) => number): Value {
    if (given.every(value => typeof value === 'number')) return of(given);
    const all = given.map(value => seriesOf(value, this.times.length));
    return this.times.map((_, at) => {
      const values = all.map(series => series[at]);
      return values.every(value => value !== undefined) ? of(values) : undefined;
    });
  }

  private expect(token: string): void {
    if (this.tokens[this.at++] !== token) throw new Error(`${token} is missing in ${this.text}`);
  }
}
