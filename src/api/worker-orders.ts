import type { Http } from '../ion/http.js';
import type { Signer } from '../security/signature.js';
import type { SendOrder, WorkOrder } from '../sync/dispatch.js';

export const SIGNATURE_HEADER = 'x-sync-signature';

const WORKER_PATH = '/.netlify/functions/sync-worker-background';
/** The platform answers 202 before the worker begins. */
const TIMEOUT_MS = 8_000;
const ATTEMPTS = 2;

export function orderText({ jobId, slot, sequence }: WorkOrder): string {
  return `${jobId}.${slot}.${sequence}`;
}

/** Sends orders to the background worker of the site at this address. */
export function createSender(http: Http, signer: Signer, siteUrl: string): SendOrder {
  return async (order) => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const answer = await http({
        method: 'POST',
        url: `${siteUrl}${WORKER_PATH}`,
        headers: {
          'content-type': 'application/json',
          [SIGNATURE_HEADER]: signer.sign(orderText(order)),
        },
        body: JSON.stringify(order),
        timeoutMs: TIMEOUT_MS,
      }).catch(() => undefined);
      if (answer && answer.status >= 200 && answer.status < 300) return true;
    }
    return false;
  };
}
