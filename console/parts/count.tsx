import { number } from '../format/count.js';
import { readableDuration } from '../format/duration.js';
import { texts } from '../texts.js';
import { Nothing } from './time.js';

/** A number with its unit: `22,000 rows`. */
export function Count({
  of,
  unit,
}: {
  readonly of: number;
  readonly unit: readonly [string, string];
}) {
  const [one, many] = unit;
  return (
    <span class="count">
      {number(of)} <span class="unit">{of === 1 ? one : many}</span>
    </span>
  );
}

/** @param seconds null where it is not known */
export function Duration({ seconds }: { readonly seconds: number | null | undefined }) {
  if (seconds === null || seconds === undefined) return <Nothing label={texts.unknown} />;
  return <span class="count">{readableDuration(seconds)}</span>;
}
