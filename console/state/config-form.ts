import type { Failure } from './failure.js';
import type { Configuration } from './shapes.js';

/** A configuration as its form has it: every number and list as the text that was typed. */
export interface ConfigForm {
  readonly tableName: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly syncFrequency: string;
  readonly lookbackMinutes: string;
  readonly initialSync: boolean;
  readonly batchSize: string;
  readonly maxRecords: string;
  readonly maxWorkers: string;
  readonly reconcileFrequency: string;
  readonly reconcileRepair: boolean;
  readonly whseid: string;
  /** `NAME: kind` on each line. */
  readonly columns: string;
  readonly deleteMode: 'soft' | 'hard';
  readonly percent: string;
}

const OPTIONS = ['whseid', 'columns', 'deleteMode', 'percent'] as const;
type Option = (typeof OPTIONS)[number];

export function formOf(config: Configuration): ConfigForm {
  const { options } = config;
  const { whseid = [], columns = {}, deleteMode = 'soft', deleteGuard } = options;
  return {
    tableName: config.tableName,
    description: config.description ?? '',
    enabled: config.enabled,
    syncFrequency: String(config.syncFrequency),
    lookbackMinutes: String(config.lookbackMinutes ?? ''),
    initialSync: config.initialSync ?? false,
    batchSize: String(config.batchSize ?? ''),
    maxRecords: String(config.maxRecords ?? ''),
    maxWorkers: String(config.maxWorkers ?? ''),
    reconcileFrequency: String(config.reconcileFrequency),
    reconcileRepair: config.reconcileRepair,
    whseid: [whseid].flat().join(', '),
    columns: Object.entries(columns)
      .map(([name, kind]) => `${name}: ${kind}`)
      .join('\n'),
    deleteMode,
    percent: String(deleteGuard?.percent ?? ''),
  };
}

/**
 * What a form changes of the configuration that it was made from: only that, since runs change some
 * fields, too. `options` are replaced as a whole.
 */
export function changesOf(
  form: ConfigForm,
  config: Configuration,
): Readonly<Record<string, unknown>> {
  const before = formOf(config);
  const changed = Object.keys(form).filter((name) => {
    const field = name as keyof ConfigForm;
    return form[field] !== before[field];
  });
  const changesOptions = changed.some(isOption);
  return {
    ...Object.fromEntries(
      changed
        .filter((name) => !isOption(name))
        .map((name) => [name, form[name as keyof ConfigForm]]),
    ),
    ...(changesOptions && { options: optionsOf(form, before, config) }),
  };
}

function isOption(name: string): name is Option {
  return OPTIONS.some((option) => option === name);
}

function optionsOf(form: ConfigForm, before: ConfigForm, { options }: Configuration): object {
  const { whseid, columns, deleteMode, percent } = form;
  const warehouses = whseid
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return {
    ...options,
    // As it was sent before unless it was edited: one warehouse and a list of one are two spellings.
    whseid: whseid === before.whseid ? options.whseid : warehouses.length > 0 ? warehouses : null,
    columns: columns.trim() === '' ? null : kindsOf(columns),
    deleteMode,
    deleteGuard: percent.trim() === '' ? null : { percent: percent.trim() },
  };
}

function kindsOf(columns: string): Readonly<Record<string, string>> {
  const lines = columns.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', kind = ''] = line.split(/:(?=[^:]*$)/);
      return [name.trim(), kind.trim()];
    }),
  );
}

/** Where the API names each field of the form. */
const PATHS: Readonly<Record<string, string>> = {
  whseid: 'options.whseid',
  columns: 'options.columns',
  deleteMode: 'options.deleteMode',
  percent: 'options.deleteGuard',
};

/** What the API says of a field, or of a part of it: one warehouse, one column. */
export function errorAt(failure: Failure | undefined, field: keyof ConfigForm): string | undefined {
  const path = PATHS[field] ?? field;
  const found = (failure?.details ?? []).filter(
    (detail) => detail.field === path || detail.field?.startsWith(`${path}.`),
  );
  if (found.length === 0) return undefined;
  return found
    .map(({ field: at = '', message }) => {
      const part = at.slice(path.length + 1);
      return field === 'columns' && part ? `${part} ${message}` : message;
    })
    .join('; ');
}
