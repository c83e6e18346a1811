import { shorten } from '../format/shorten.js';
import type { Configuration } from '../state/shapes.js';
import { DEFAULT_DATE_COLUMN, type StartForm, warehousesOf } from '../state/start-request.js';
import { texts } from '../texts.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

const { effects } = texts.start;

/** What a run that is about to be started will change, in sentences. */
export function StartEffect({
  form,
  config,
}: {
  readonly form: StartForm;
  readonly config: Configuration;
}) {
  const warehouses = warehousesOf(form);
  return (
    <p>
      <Sentence
        text={effects[effectOf(form, config)]}
        table={<strong class="data">{shorten(config.tableName)}</strong>}
        at={<Time at={config.watermark} />}
        column={<code>{form.dateColumn || DEFAULT_DATE_COLUMN}</code>}
      />
      {form.mode === 'reconcile' && form.deep && ` ${effects.deep}`}
      {warehouses.length > 0 && (
        <>
          {' '}
          <Sentence
            text={effects.warehouses}
            list={<span class="data">{warehouses.join(', ')}</span>}
          />
        </>
      )}
      {config.options.deleteMode === 'hard' && ` ${effects.hard}`}
      {!config.enabled && ` ${effects.disabled}`}
    </p>
  );
}

function effectOf(
  { mode, rebuild, repair }: StartForm,
  { watermark, initialSync }: Configuration,
): 'first' | 'rebuild' | 'repair' | StartForm['mode'] {
  if (mode === 'full' && rebuild) return 'rebuild';
  if (mode === 'reconcile' && repair) return 'repair';
  if (mode === 'incremental' && (watermark === null || initialSync)) return 'first';
  return mode;
}
