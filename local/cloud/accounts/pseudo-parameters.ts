import { Place } from './places';

/**
 * What of a template depends on nothing but the place; references to other resources stay, and match nothing.
 */
export function withPseudoParameters(value: unknown, { account, region }: Place): unknown {
  const pseudo: Record<string, string> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
  };
  const resolve = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(resolve);
    if (typeof each !== 'object' || each === null) return each;
    const { Ref: ref, 'Fn::Join': join } = each as {
      Ref?: string;
      'Fn::Join'?: [separator: string, parts: unknown[]];
    };
    if (ref !== undefined) return pseudo[ref] ?? each;
    if (join !== undefined) {
      const parts = resolve(join[1]) as unknown[];
      return parts.every(part => typeof part === 'string') ? parts.join(join[0]) : each;
    }
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, resolve(inner)]));
  };
  return resolve(value);
}
