import type { ComponentChildren } from 'preact';
import type { Polled } from '../state/poll.js';
import { texts } from '../texts.js';
import { ErrorNote } from './error-note.js';

/** The frame of every screen: its heading, which gets the focus when the screen is entered. */
export function Screen({
  title,
  actions,
  children,
}: {
  readonly title: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="screen">
      <header>
        <h1 tabIndex={-1}>{title}</h1>
        {actions && <div class="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/**
 * What has been asked for, once it is there; until then that it is being loaded, or why it is not.
 * After a failure the data of before stay, below what failed.
 */
export function Loaded<T>({
  polled,
  children,
}: {
  readonly polled: Polled<T>;
  readonly children: (data: T) => ComponentChildren;
}) {
  const data = polled.data.value;
  const failure = polled.failure.value;
  return (
    <>
      {failure && (
        <div class="stack">
          <ErrorNote failure={failure} />
          <div>
            <button type="button" onClick={polled.refresh} disabled={polled.busy.value}>
              {texts.tryAgain}
            </button>
          </div>
        </div>
      )}
      {data === undefined
        ? !failure && (
            <p class="quiet" role="status">
              {texts.loading}
            </p>
          )
        : children(data)}
    </>
  );
}
