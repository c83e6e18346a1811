import { syncWorkerBackground } from '../../src/api/sync-worker-background.js';
import { createApp } from '../../src/app.js';
import { systemClock } from '../../src/clock.js';
import { serve } from '../../src/http/serve.js';
import { native } from '../../src/store/driver/native.js';
import { refuseWrites, type WriteRefusal } from '../support/refused-writes.js';
import { OPTIONS, TABLE } from './options.js';

/** One call of the background worker, as the platform starts it. */
export interface Call {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How far this machine's clock is off. */
  readonly clockOffMs: number;
  /** What MongoDB says of this worker's writes. */
  readonly refusal?: WriteRefusal;
}

/** Serves one call, tells what came of it, and ends: an instance that is used once. */
async function answer({ url, headers, body, clockOffMs, refusal }: Call): Promise<void> {
  const clock = { ...systemClock, now: () => Date.now() + clockOffMs };
  const app = createApp(process.env, { ...OPTIONS, clock });
  if (refusal) refuseWrites(native((await app.models()).rows(TABLE)), refusal);
  const handle = serve(syncWorkerBackground, () => app);
  const response = await handle(new Request(url, { method: 'POST', headers, body }));
  process.send?.(await response.json());
  await app.close();
  process.disconnect();
}

process.once('message', (call: Call) => void answer(call));
// Whoever started it is gone: there is nobody left to tell.
process.once('disconnect', () => process.exit());
process.send?.('ready');
