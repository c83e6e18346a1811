const PROBLEM = 'application/problem+json';
const JSON_TYPE = 'application/json';

/**
 * Whether errors are to be answered as `application/problem+json` (RFC 9457): only if `Accept` names
 * it, and does not prefer `application/json`. A wildcard does not name it.
 */
export function acceptsProblem(headers: Headers): boolean {
  const ranges = rangesOf(headers.get('accept') ?? '');
  const problem = ranges.get(PROBLEM) ?? 0;
  const plain = [JSON_TYPE, 'application/*', '*/*'].find((type) => ranges.has(type)) ?? '';
  return problem > 0 && problem >= (ranges.get(plain) ?? 0);
}

/** Whether `Accept` names the type, and not with `q=0`. */
export function namesType(headers: Headers, type: string): boolean {
  return (rangesOf(headers.get('accept') ?? '').get(type) ?? 0) > 0;
}

/** The media ranges of an `Accept`, each with its greatest quality; other parameters are ignored. */
function rangesOf(accept: string): ReadonlyMap<string, number> {
  const ranges = new Map<string, number>();
  for (const element of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim());
    const quality = qualityOf(parameters);
    ranges.set(range, Math.max(quality, ranges.get(range) ?? 0));
  }
  return ranges;
}

/** 0, i.e. not acceptable, for a quality that is no number from 0 to 1. */
function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => /^q[\t ]*=/.test(parameter));
  if (given === undefined) return 1;
  const value = given.slice(given.indexOf('=') + 1).trim();
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0;
}
