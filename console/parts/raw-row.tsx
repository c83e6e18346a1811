import { texts } from '../texts.js';
import { Data } from './data.js';

/** A row as the lake delivered it: as JSON, which shows each value as what it is. */
export function RawRow({ row }: { readonly row: unknown }) {
  return (
    <details>
      <summary>{texts.rejects.showRow}</summary>
      <pre class="small">
        <Data text={JSON.stringify(row, null, 2)} most={4_000} />
      </pre>
    </details>
  );
}
