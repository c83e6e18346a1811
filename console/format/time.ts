import { texts } from '../texts.js';

const { locale } = texts;
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

/** A time where its reader is: today `10:32`, this year `3 Nov, 10:32`, else `3 Nov 2025, 10:32`. */
export function localTime(iso: string, now = new Date()): string {
  const time = new Date(iso);
  const shown = clock.format(time);
  if (time.toDateString() === now.toDateString()) return shown;
  const date = time.getFullYear() === now.getFullYear() ? day : dayOfYear;
  return `${date.format(time)}, ${shown}`;
}

/** @example 2026-11-29 09:36:25 UTC */
export function utcTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
