import type { Configuration } from './shapes.js';

export type Mode = 'incremental' | 'full' | 'backfill' | 'reconcile';

/** What the form has; texts as they were typed. */
export interface StartForm {
  readonly mode: Mode;
  readonly rebuild: boolean;
  readonly repair: boolean;
  readonly deep: boolean;
  readonly startDate: string;
  readonly endDate: string;
  readonly dateColumn: string;
  readonly warehouses: string;
  readonly maxRecords: string;
}

export const DEFAULT_DATE_COLUMN = 'ADDDATE';

export const EMPTY_FORM: StartForm = {
  ...{ mode: 'incremental', rebuild: false, repair: false, deep: false },
  ...{ startDate: '', endDate: '', dateColumn: DEFAULT_DATE_COLUMN, warehouses: '' },
  maxRecords: '',
};

/** The body of sync-table: the fields of the mode that was chosen, and no blank ones. */
export function startRequest(form: StartForm, { tableId, enabled }: Configuration): object {
  const { mode, rebuild, repair, deep, startDate, endDate, dateColumn, maxRecords } = form;
  const whseid = warehousesOf(form);
  return {
    ...{ tableId, mode, wait: 0 },
    ...(mode === 'full' && rebuild && { rebuild }),
    ...(mode === 'reconcile' && { repair, deep }),
    ...(mode === 'backfill' && { startDate, endDate, dateColumn }),
    ...(whseid.length > 0 && { whseid }),
    ...(maxRecords !== '' && { maxRecords }),
    ...(!enabled && { force: true }),
  };
}

export function warehousesOf({ warehouses }: StartForm): string[] {
  return warehouses
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** What is expensive or can't be undone is asked about first. */
export function needsConfirmation(form: StartForm, { options }: Configuration): boolean {
  const { mode, repair } = form;
  return mode === 'full' || (mode === 'reconcile' && repair) || options.deleteMode === 'hard';
}
