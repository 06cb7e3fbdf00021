import { matchesWildcard } from '../glob';

/** A call of another account, or of a service for one, as the policy of a resource sees it. */
export interface ForeignCall {
  readonly account: string;
  /** @default - the account itself calls */
  readonly service?: string;
  readonly action: string;
  /** The values of condition keys, by their names in lower case. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?:
    | '*'
    | { readonly AWS?: string | readonly string[]; readonly Service?: string | readonly string[] };
  readonly Action?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy of a resource. */
export interface ResourcePolicy {
  readonly Statement: Statement | readonly Statement[];
}

/**
 * Whether the policy lets the call in. It throws for what it cannot read, so that nobody is let in by luck.
 */
export function letsIn({ Statement: statements }: ResourcePolicy, call: ForeignCall): boolean {
  const applying = [statements].flat().filter(statement => applies(statement, call));
  return (
    applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny')
  );
}

function applies({ Effect, Principal, Action, Condition }: Statement, call: ForeignCall): boolean {
  if (Action === undefined) throw new Error('a statement without Action cannot be judged');
  if (Effect === 'Deny' && namesOthers(Principal)) {
    throw new Error('a Deny that names anything but accounts or everybody cannot be judged');
  }
  return (
    isPrincipal(Principal, call) &&
    list(Action).some(each => matchesWildcard(each, call.action)) &&
    Object.entries(Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, key, list(values), call)),
    )
  );
}

function namesOthers(principal: Statement['Principal']): boolean {
  if (principal === '*') return false;
  const named = list(principal?.AWS ?? []);
  return named.length === 0 || !named.every(each => /^(?:\*|\d{12}|arn:aws:iam::\d{12}:root)$/.test(each));
}

/** Roles are not told apart: an Allow that names a role lets nobody in. */
function isPrincipal(principal: Statement['Principal'], { account, service }: ForeignCall): boolean {
  if (principal === '*') return true;
  if (service !== undefined) return list(principal?.Service ?? []).includes(service);
  return list(principal?.AWS ?? []).some(each =>
    ['*', account, `arn:aws:iam::${account}:root`].includes(each),
  );
}

type Test = (value: string, wanted: string) => boolean;

const equals: Test = (value, wanted) => value === wanted;
const isLike: Test = (value, wanted) => matchesWildcard(wanted, value);
const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: equals,
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: equals,
};

function holds(
  operator: string,
  key: string,
  wanted: readonly string[],
  { keys, account }: ForeignCall,
): boolean {
  const values = keys[key.toLowerCase()];
  if (operator === 'Null') return wanted.includes(String(values === undefined));
  const forAll = operator.startsWith('ForAllValues:');
  const ifExists = operator.endsWith('IfExists');
  const name = operator.replace(/^ForAllValues:|IfExists$/g, '');
  const isNegated = /^(String|Arn)Not/.test(name);
  const test = TESTS[name.replace('Not', '')];
  if (test === undefined) throw new Error(`the operator ${operator} cannot be judged`);
  const named = wanted.map(each => each.replaceAll('${aws:PrincipalAccount}', account));
  const matches = (value: string) => named.some(each => test(value, each)) !== isNegated;
  if (values === undefined) return forAll || ifExists || isNegated;
  return forAll ? values.every(matches) : values.some(matches);
}

function list(value: string | readonly string[]): readonly string[] {
  return [value].flat();
}
