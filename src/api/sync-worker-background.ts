import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { currentLog } from '../log.js';
import { runOrder } from '../sync/worker.js';
import { method, type Services } from './services.js';
import { SIGNATURE_HEADER } from './worker-orders.js';

/** A background function ends after 15 minutes; the last page and the next start need time. */
const WORKER_MS = 13 * 60_000;

/** An order is about 70 bytes; anybody can send something to a public function. */
const MAX_ORDER_BYTES = 1_024;

const body = z.strictObject({
  jobId: z.string().regex(/^[0-9a-f]{24}$/),
  slot: z.int().min(0).max(100),
  sequence: z.int().min(1),
});

export const syncWorkerBackground: Endpoint<Services> = {
  name: 'sync-worker-background',
  methods: {
    POST: method({
      access: 'none',
      body,
      maxBodyBytes: MAX_ORDER_BYTES,
      async admits(text, headers, services) {
        const { isOurs } = await services();
        try {
          return isOurs(text, headers.get(SIGNATURE_HEADER) ?? '');
        } catch (error) {
          // Without credentials nobody can sign; what is wrong with them is not for anybody to read.
          currentLog()?.warn({ err: error }, 'no order can be checked');
          return false;
        }
      },
      async handle({ body: order, services, siteUrl, idle, log }) {
        if (idle !== undefined) {
          log.warn({ jobId: order.jobId, reason: idle }, 'no work');
          return { body: { message: `No work: ${idle}`, worked: 'ignored' } };
        }
        const { sync, sender, clock } = await services();
        const deadline = clock.now() + WORKER_MS;
        // Nobody gives an order again that was answered with an error: it would wait for the schedule.
        const context = await sync({ connectUntil: deadline });
        const worked = await runOrder(context, sender(siteUrl), order, deadline);
        return { body: { message: 'Worker ended', worked } };
      },
    }),
  },
};
