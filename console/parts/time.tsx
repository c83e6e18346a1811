import { localTime, utcTime } from '../format/time.js';
import { texts } from '../texts.js';

/** A time where its reader is, with UTC on hover; without a value a dash, which is read as "never". */
export function Time({ at }: { readonly at: string | null | undefined }) {
  if (!at) return <Nothing label={texts.never} />;
  return (
    <time dateTime={at} title={utcTime(at)}>
      {localTime(at)}
    </time>
  );
}

/** @param label what is read out in place of the dash */
export function Nothing({ label }: { readonly label: string }) {
  return (
    <span class="quiet" title={label}>
      <span aria-hidden="true">–</span>
      <span class="unseen">{label}</span>
    </span>
  );
}
