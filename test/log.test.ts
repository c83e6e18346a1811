import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.js';
import { AppError, toAppError } from '../src/errors/app-error.js';
import { retry } from '../src/errors/retry.js';
import { createLogger, withLogFields } from '../src/log.js';
import { keepSecret } from '../src/security/outside-text.js';

const SECRET = 'hush-hush/1';
keepSecret(SECRET);

function logging() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: createLogger('info', destination) };
}

describe('a line of the log', () => {
  it('about INTERNAL has message and code of its cause, and of the cause of that', () => {
    const { lines, log } = logging();
    const root = Object.assign(new Error('read failed'), { code: 'EIO' });
    const cause = new TypeError('x is not a function', { cause: root });
    log.error({ err: toAppError(cause) }, 'failed');
    expect(lines[0]?.err).toMatchObject({
      code: 'INTERNAL',
      cause: {
        name: 'TypeError',
        message: 'x is not a function',
        where: expect.stringContaining('log.test.ts'),
        cause: { code: 'EIO', message: 'read failed' },
      },
    });
  });

  it('about what was thrown and is no error shows it', () => {
    const { lines, log } = logging();
    log.error({ err: toAppError('a text') }, 'failed');
    expect(lines[0]?.err).toMatchObject({ cause: { name: 'string', message: 'a text' } });
  });

  it.each([
    `mongodb://someone:${SECRET}@host/db`,
    `Authorization: Bearer ${SECRET}`,
    `password=${SECRET}`,
    `said ${SECRET} and ${encodeURIComponent(SECRET)}`,
  ])('leaves the secret out of %s', (text) => {
    const { lines, log } = logging();
    log.error({ err: new Error(text, { cause: text }) }, 'failed');
    expect(JSON.stringify(lines)).not.toMatch(/hush|someone/);
  });

  it('has the fields of what is under way, and its own on top of them', async () => {
    const { lines, log } = logging();
    await withLogFields({ requestId: 'r', table: 'orders' }, async () => {
      await Promise.all([
        withLogFields({ jobId: 'a' }, async () => log.info({ table: 'receipt' }, 'one')),
        withLogFields({ jobId: 'b' }, async () => log.info('two')),
      ]);
      log.info('three');
    });
    log.info('four');
    expect(lines.map(({ requestId, jobId, table }) => [requestId, jobId, table])).toEqual([
      ['r', 'a', 'receipt'],
      ['r', 'b', 'orders'],
      ['r', undefined, 'orders'],
      [undefined, undefined, undefined],
    ]);
  });

  it('is written for each failure that is tried again', async () => {
    const { lines, log } = logging();
    const policy = { attempts: 3, baseMs: 1, capMs: 1 };
    const failing = () => retry(fail, { policy, clock: systemClock });
    const fail = () => Promise.reject(new AppError('MONGODB_BUSY'));
    await expect(withLogFields({ jobId: 'j' }, failing, log)).rejects.toThrow();
    expect(lines).toMatchObject(
      [1, 2].map((attempt) => ({
        jobId: 'j',
        attempt,
        waitMs: expect.any(Number),
        err: { code: 'MONGODB_BUSY' },
      })),
    );
  });
});
