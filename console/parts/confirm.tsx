import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { texts } from '../texts.js';

/**
 * Asks before something that is hard to undo. Its title and its button name what it is about; Escape
 * and "Cancel" close it, and the focus goes back to where it was.
 */
export function Confirm({
  title,
  action,
  danger = false,
  onConfirm,
  onClose,
  children,
}: {
  readonly title: string;
  /** What the button says, e.g. `Rebuild Orders`. */
  readonly action: string;
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <div class="stack">
        <h2 id={id}>{title}</h2>
        <div class="stack">{children}</div>
        <div class="row">
          <button
            type="button"
            class={danger ? 'danger' : 'primary'}
            onClick={() => {
              dialog.current?.close();
              onConfirm();
            }}
          >
            {action}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {texts.cancel}
          </button>
        </div>
      </div>
    </dialog>
  );
}
