import { Seconds } from '../times';

/** A rule in a policy document. */
export interface RuleEntry {
  readonly rule: string;
  readonly action: 'deny' | 'warn';
  readonly [parameter: string]: unknown;
}

/** A policy document, before it is checked. */
export interface PolicyDraft {
  readonly name: string;
  readonly maxAgeHours: number;
  readonly audit?: true;
  readonly rules: readonly RuleEntry[];
}

const deny = (rule: string, parameters: object = {}): RuleEntry => ({ rule, ...parameters, action: 'deny' });
const warn = (rule: string, parameters: object = {}): RuleEntry => ({ rule, ...parameters, action: 'warn' });

/**
 * The policies that come with the library, for the stack, policy files and the command line.
 */
export const PRESETS = {
  standard: {
    name: 'standard',
    maxAgeHours: Seconds.verdictMaxAge / 3600,
    rules: [
      deny('coverage'),
      deny('database-age', { maxHours: 48 }),
      deny('vulnerabilities', { severities: ['CRITICAL'], onlyFixed: true, graceDays: { CRITICAL: 7 } }),
      deny('secrets'),
      deny('end-of-life-os'),
      deny('runs-as-root'),
    ],
  },
  strict: {
    name: 'strict',
    maxAgeHours: 48,
    rules: [
      deny('coverage', { unreadKinds: 'indeterminate' }),
      deny('database-age', { maxHours: 24 }),
      deny('vulnerabilities', {
        severities: ['CRITICAL', 'HIGH', 'UNKNOWN'],
        onlyFixed: true,
        graceDays: { CRITICAL: 7, HIGH: 30, UNKNOWN: 30 },
      }),
      warn('vulnerabilities', { severities: ['CRITICAL'], onlyFixed: false }),
      deny('secrets'),
      deny('misconfigurations', { severities: ['CRITICAL', 'HIGH'] }),
      deny('end-of-life-os'),
      deny('runs-as-root'),
    ],
  },
} as const satisfies Record<string, PolicyDraft>;

/** The same rules, each of which only reports. What is indeterminate stays an ERROR. */
export function audited(policy: PolicyDraft, refuses: (rule: string) => boolean): PolicyDraft {
  const rules = policy.rules.map(entry =>
    refuses(entry.rule) ? { ...entry, action: 'warn' as const } : entry,
  );
  return { name: `audit ${policy.name}`.slice(0, 64), maxAgeHours: policy.maxAgeHours, audit: true, rules };
}
