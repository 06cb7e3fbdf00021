import { PRICES, SERVICES, type Service, type Unit } from './prices';

/** An amount of what is billed, by its unit. */
export type Usage = Readonly<Partial<Record<Unit, number>>>;

/** US dollars. */
export interface Cost {
  readonly total: number;
  readonly byService: Readonly<Record<Service, number>>;
}

export function times(usage: Usage, factor: number): Usage {
  return Object.fromEntries(Object.entries(usage).map(([unit, amount]) => [unit, amount * factor]));
}

export function plus(...usages: readonly Usage[]): Usage {
  const sum: Partial<Record<Unit, number>> = {};
  for (const usage of usages) {
    for (const [unit, amount] of Object.entries(usage) as [Unit, number][]) {
      sum[unit] = (sum[unit] ?? 0) + amount;
    }
  }
  return sum;
}

export function costOf(usage: Usage): Cost {
  const byService = Object.fromEntries(SERVICES.map(service => [service, 0])) as Record<Service, number>;
  for (const [unit, amount] of Object.entries(usage) as [Unit, number][]) {
    const { service, usd, per } = PRICES.of[unit];
    byService[service] += (amount / per) * usd;
  }
  return { total: SERVICES.reduce((sum, service) => sum + byService[service], 0), byService };
}
