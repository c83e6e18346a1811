/** The media type of OpenMetrics 1.0. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** A value of a family, with its labels; of a summary `part` says which of its values. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly part?: 'sum' | 'count';
  readonly value: number;
}

export interface MetricFamily {
  /** Ends with the unit, if it has one; without the suffixes of its samples. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly unit?: 'seconds';
  readonly help: string;
}

/**
 * The text of these families in the OpenMetrics format. Hand-written, since it is a few lines, and
 * the known client libraries collect from the process's memory, which says nothing in a function.
 */
export function openMetricsText(
  families: readonly { readonly family: MetricFamily; readonly samples: readonly Sample[] }[],
): string {
  const lines = families.flatMap(({ family, samples }) => [
    ...describe(family),
    ...samples.map((sample) => line(family, sample)),
  ]);
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

function describe({ name, type, unit, help }: MetricFamily): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${escaped(help)}`,
  ];
}

function line({ name, type }: MetricFamily, { labels = {}, part, value }: Sample): string {
  const suffix = type === 'counter' ? '_total' : part ? `_${part}` : '';
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const braces = pairs.length > 0 ? `{${pairs.join(',')}}` : '';
  return `${name}${suffix}${braces} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
