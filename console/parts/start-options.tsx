import type { StartForm } from '../state/start-request.js';
import { texts } from '../texts.js';
import { Checkbox, TextField } from './field.js';

const text = texts.start;

/** What can be said of a run beside its mode. */
export function StartOptions({
  form,
  onChange,
}: {
  readonly form: StartForm;
  readonly onChange: (change: Partial<StartForm>) => void;
}) {
  const { mode, rebuild, repair, deep } = form;
  return (
    <>
      {mode === 'full' && (
        <Checkbox
          label={text.rebuild}
          help={text.rebuildHelp}
          checked={rebuild}
          onChecked={(checked) => onChange({ rebuild: checked })}
        />
      )}
      {mode === 'reconcile' && (
        <>
          <Checkbox
            label={text.repair}
            checked={repair}
            onChecked={(checked) => onChange({ repair: checked })}
          />
          <Checkbox
            label={text.deep}
            checked={deep}
            onChecked={(checked) => onChange({ deep: checked })}
          />
        </>
      )}
      {mode === 'backfill' && <DateRange form={form} onChange={onChange} />}
      <details>
        <summary>{text.more}</summary>
        <div class="stack">
          <TextField
            label={text.warehouses}
            help={text.warehousesHelp}
            value={form.warehouses}
            onValue={(warehouses) => onChange({ warehouses })}
          />
          <TextField
            label={text.maxRecords}
            help={text.maxRecordsHelp}
            type="number"
            value={form.maxRecords}
            onValue={(maxRecords) => onChange({ maxRecords })}
          />
        </div>
      </details>
    </>
  );
}

function DateRange({
  form: { startDate, endDate, dateColumn },
  onChange,
}: Parameters<typeof StartOptions>[0]) {
  return (
    <div class="row">
      <TextField
        label={text.from}
        type="date"
        value={startDate}
        onValue={(value) => onChange({ startDate: value })}
        required={endDate === ''}
      />
      <TextField
        label={text.until}
        type="date"
        value={endDate}
        onValue={(value) => onChange({ endDate: value })}
      />
      <TextField
        label={text.dateColumn}
        value={dateColumn}
        onValue={(value) => onChange({ dateColumn: value })}
      />
    </div>
  );
}
