import { z } from 'zod';

/** A line that pino wrote. */
const entry = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().default(''),
  function: z.string().optional(),
});
/** The same on every line, or shown in another place. */
const NOT_A_FIELD = new Set(['level', 'time', 'msg', 'function', 'pid', 'hostname', 'v']);
/** What a line is looked for by, not what it says. */
const LAST = 'requestId';
const failure = z.looseObject({ code: z.string().optional(), message: z.string() });
const LEVELS: readonly (readonly [least: number, name: string])[] = [
  [60, 'FATAL'],
  [50, 'ERROR'],
  [40, 'WARN'],
  [30, 'INFO'],
  [20, 'DEBUG'],
];
const PLAIN = /^[\w.:/@+-]+$/;

/**
 * One line of the log for people: time, level, function and message, then the fields. Whatever is
 * no entry of the log is shown as it is.
 * @example 08:15:30.123 INFO  sync-table: answered method=POST status=200 ms=45 requestId=…
 */
export function readableLine(line: string, now = new Date()): string {
  const parsed = entry.safeParse(jsonOf(line));
  if (!parsed.success) return `${clock(now)}       ${printable(line)}`;
  const { level, time, msg, function: name, ...rest } = parsed.data;
  const fields = Object.entries(rest)
    .filter(([key]) => !NOT_A_FIELD.has(key))
    .sort(([a], [b]) => Number(a === LAST) - Number(b === LAST));
  const words = [
    clock(new Date(time)),
    (LEVELS.find(([least]) => level >= least)?.[1] ?? 'TRACE').padEnd(5),
    printable(name ? `${name}: ${msg}` : msg),
    ...fields.map(([key, value]) => `${printable(key)}=${shown(value)}`),
  ];
  return words.join(' ');
}

/** One line of the log for programs: what is no entry of the log becomes one. */
export function jsonLine(line: string, now = new Date()): string {
  if (entry.safeParse(jsonOf(line)).success) return line;
  return JSON.stringify({ level: 30, time: now.getTime(), msg: line });
}

function jsonOf(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function clock(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(
    two,
  );
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function shown(value: unknown): string {
  const failed = failure.safeParse(value);
  if (failed.success) {
    const { code, message, ...more } = failed.data;
    const rest = Object.entries(more).filter(([, one]) => !Array.isArray(one) || one.length > 0);
    const details = rest.length > 0 ? ` ${JSON.stringify(Object.fromEntries(rest))}` : '';
    return printable(`${code ? `${code}: ` : ''}${message}${details}`);
  }
  return typeof value === 'string' && PLAIN.test(value) ? value : printable(JSON.stringify(value));
}

/** Without what a terminal would obey: a log holds what callers sent. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
