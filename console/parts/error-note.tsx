import type { Failure } from '../state/failure.js';
import { texts } from '../texts.js';
import { Data } from './data.js';
import { ErrorCode } from './error-code.js';

/** What failed and what to do about it, with what a colleague needs to look into it. */
export function ErrorNote({ failure }: { readonly failure: Failure }) {
  const { kind, message, remedy, code, details, requestId } = failure;
  const known = kind === 'refused' ? undefined : texts.failures[kind];
  return (
    <div class="note bad" role="alert">
      <p class="data">
        <strong>{known?.title ?? <Data text={message} />}</strong>
      </p>
      <p class="data">{known?.remedy ?? remedy}</p>
      {details.length > 0 && (
        <ul class="stack small">
          {details.map(({ field, message: detail }, index) => (
            <li class="data" key={index}>
              {field && <code>{field}</code>} {detail}
            </li>
          ))}
        </ul>
      )}
      <p class="small quiet row">
        {code && <ErrorCode code={code} />}
        {requestId && (
          <span>
            {texts.requestId} <code>{requestId}</code>
          </span>
        )}
      </p>
    </div>
  );
}
