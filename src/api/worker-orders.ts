import type { Clock } from '../clock.js';
import { toAppError } from '../errors/app-error.js';
import type { Http, HttpAnswer } from '../ion/http.js';
import { currentLog } from '../log.js';
import { excerpt } from '../security/outside-text.js';
import type { Signer } from '../security/signature.js';
import type { OrderOutcome, SendOrder, WorkOrder } from '../sync/dispatch.js';

export const SIGNATURE_HEADER = 'x-sync-signature';

const WORKER_PATH = '/.netlify/functions/sync-worker-background';
/** The platform answers 202 before the worker begins. */
const TIMEOUT_MS = 8_000;
const ATTEMPTS = 2;
/** What Netlify answers to a call of a background function; nothing else does. */
const ACCEPTED = 202;

/** Characters of what calls itself a content type; a real one is far shorter. */
const LONGEST_TYPE = 100;

const REASONS: Readonly<Record<number, string>> = {
  401: 'something in front of the site asks for a login',
  403: 'something in front of the site refuses the call',
  404: 'there is no background function at this address',
};

interface SenderParts {
  readonly http: Http;
  readonly clock: Clock;
  /** @throws ION_CREDENTIALS_* */
  signer(): Signer;
}

/**
 * Sends orders to the background worker of the site at this address. Only 202 is an acceptance:
 * a login page, a redirect and an error page of a proxy all answer with something else.
 * @param idle why workers do nothing on this deploy: then no order is sent
 */
export function createSender(
  parts: SenderParts,
  siteUrl: string | undefined,
  idle?: string,
): SendOrder {
  return async (order, deadline) => {
    if (idle !== undefined) return refused(idle);
    if (siteUrl === undefined) return refused('no address of this site is known');
    let outcome = refused('no time was left to send it');
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const timeoutMs = Math.min(TIMEOUT_MS, deadline - parts.clock.now());
      if (timeoutMs <= 0) break;
      outcome = await post(parts, siteUrl, order, timeoutMs);
      // No answer, or a failure of the site, may be over a moment later.
      if ((outcome.status ?? 500) < 500) break;
    }
    return outcome;
  };
}

async function post(
  { http, signer }: SenderParts,
  siteUrl: string,
  order: WorkOrder,
  timeoutMs: number,
): Promise<OrderOutcome> {
  const body = JSON.stringify(order);
  try {
    const answer = await http({
      method: 'POST',
      url: `${siteUrl}${WORKER_PATH}`,
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signer().sign(body),
      },
      body,
      timeoutMs,
    });
    return answer.status === ACCEPTED ? { accepted: true, status: ACCEPTED } : asRefusal(answer);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    currentLog()?.warn({ err: toAppError(thrown) }, 'order not delivered');
    if (code === 'LAKE_TIMEOUT') return refused('the site did not answer in time');
    if (code.startsWith('LAKE_')) return refused('the connection to the site failed');
    return refused(message);
  }
}

function asRefusal({ status, headers }: HttpAnswer): OrderOutcome {
  // Somebody else's text, like the rest of the answer.
  const type = excerpt(headers['content-type']?.split(';')[0] ?? '', LONGEST_TYPE);
  const what = `answered ${status}${type ? ` (${type})` : ''} instead of 202`;
  const why = REASONS[status] ?? (status >= 300 && status < 400 ? 'a redirect' : undefined);
  return { ...refused(why ? `${what}: ${why}` : what), status };
}

function refused(reason: string): OrderOutcome {
  return { accepted: false, reason };
}
