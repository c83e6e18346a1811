import type { Failure } from '../state/failure.js';
import { texts } from '../texts.js';
import { ErrorNote } from './error-note.js';

const text = texts.lostUpdate;

/** Why a change was not saved; where it is another's change (412), the two ways to go on. */
export function SaveFailure({
  failure,
  onReload,
  onOverwrite,
}: {
  readonly failure: Failure;
  readonly onReload: () => void;
  readonly onOverwrite: () => void;
}) {
  if (failure.code !== 'REVISION_CHANGED') return <ErrorNote failure={failure} />;
  return (
    <div class="note warn" role="alert">
      <p>
        <strong>{text.title}</strong>
      </p>
      <div class="row">
        <button type="button" onClick={onReload}>
          {text.reload}
        </button>
        <button type="button" onClick={onOverwrite}>
          {text.overwrite}
        </button>
      </div>
    </div>
  );
}

/** What the API says of one field; undefined: nothing. */
export function fieldError(failure: Failure | undefined, field: string): string | undefined {
  const found = failure?.details.find(
    (detail) => detail.field === field || detail.field?.endsWith(`.${field}`),
  );
  return found?.message;
}
