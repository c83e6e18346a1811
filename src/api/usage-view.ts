import { addUsage, NO_USAGE, type Usage } from '../models/usage.js';
import { DAY_MS, type TableUsage } from '../store/usages.js';
import type { SiteSettings } from './site-settings.js';

/** Days that the statistics list, today included. */
const DAYS = 30;

export type CreditRates = Pick<
  SiteSettings,
  'creditsPerGbHour' | 'creditsPer10000Requests' | 'functionMemoryGb'
>;

/** The first day that the statistics list, at its beginning (UTC). */
export function firstDay(now: number): Date {
  return new Date((Math.floor(now / DAY_MS) - DAYS + 1) * DAY_MS);
}

/** What Netlify charges for function time and requests by these rates, rounded to a thousandth. */
function creditsOf(
  { functionMs, slices }: Pick<Usage, 'functionMs' | 'slices'>,
  { creditsPerGbHour, creditsPer10000Requests, functionMemoryGb }: CreditRates,
): number {
  const gbHours = (functionMs / 3_600_000) * functionMemoryGb;
  const credits = gbHours * creditsPerGbHour + (slices / 10_000) * creditsPer10000Requests;
  return Math.round(credits * 1000) / 1000;
}

/** The usage of one table, or the sum of several, with the estimated credits. */
export function usageView(tables: readonly TableUsage[], rates: CreditRates) {
  const total = tables.reduce((sum, one) => addUsage(sum, one.total), NO_USAGE);
  const byDay = new Map<string, Usage>();
  for (const { day, ...usage } of tables.flatMap(({ days }) => days)) {
    const date = day.toISOString().slice(0, 10);
    byDay.set(date, addUsage(byDay.get(date) ?? NO_USAGE, usage));
  }
  const days = [...byDay].sort(([a], [b]) => (a < b ? 1 : -1));
  return {
    total: amounts(total, rates),
    days: days.map(([day, usage]) => ({ day, ...amounts(usage, rates) })),
  };
}

function amounts(usage: Usage, rates: CreditRates) {
  const { functionMs, slices, lakeQueries } = usage;
  const credits = creditsOf(usage, rates);
  return { functionSeconds: functionMs / 1000, slices, lakeQueries, credits };
}
