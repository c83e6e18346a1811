import { texts } from '../texts.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param seconds e.g. 0.202 → `0.2 s`, 49 → `49 s`, 3725 → `1 h 2 min`, 200000 → `2 d 7 h` */
export function readableDuration(seconds: number): string {
  const { s, min, h, d } = texts.units;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} ${s}`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} ${s}`;
  if (whole < HOUR) return two(whole, MINUTE, min, 1, s);
  if (whole < DAY) return two(whole, HOUR, h, MINUTE, min);
  return two(whole, DAY, d, HOUR, h);
}

/** Two units, the second only if there is something of it. */
function two(seconds: number, big: number, bigUnit: string, small: number, unit: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigUnit}${rest > 0 ? ` ${rest} ${unit}` : ''}`;
}
