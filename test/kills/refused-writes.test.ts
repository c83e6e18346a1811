import { describe, expect, it } from 'vitest';
import { FATAL, TRANSIENT } from '../support/refused-writes.js';
import { FEWER_KILLS, prepareKills, timeout } from './kills.js';

const { site, trial, runs, oneRun } = await prepareKills();

describe('a run whose workers are killed, and some of whose writes MongoDB refuses', {
  timeout,
}, () => {
  it('ends as one that was left alone where that is transient', async () => {
    let told = 0;
    site.platform.refusal = (nth) => {
      const [code, errmsg] = TRANSIENT[nth % TRANSIENT.length] ?? TRANSIENT[0];
      told++;
      return { code, errmsg, times: 2, after: nth % 3 };
    };
    await runs(FEWER_KILLS);
    expect(told).toBeGreaterThan(0);
  });

  it.each(FATAL.slice(0, FEWER_KILLS))(
    'fails where it is not, code %i (%s), and the next one is as if nothing had been',
    async (code, errmsg, expected) => {
      const refusal = { code, errmsg, times: 1_000, after: 2 };
      site.platform.refusal = () => refusal;
      const refusing = await trial.refuse(refusal);
      const failed = await oneRun('full');
      refusing.end();
      await trial.expectFailed(failed, expected);
      site.platform.refusal = () => undefined;
      const next = await oneRun('incremental');
      await trial.expectUndisturbed(next);
    },
  );
});
