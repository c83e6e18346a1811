import { describe, expect, it } from 'vitest';
import { jsonLine, readableLine } from '../../../dev/dev-command/log-lines.js';

const time = new Date(2026, 0, 2, 8, 5, 9, 7);
const line = (more: object) => JSON.stringify({ level: 30, time: time.getTime(), ...more });

describe('a line of the log for people', () => {
  it.each([
    [
      { requestId: 'r-1', function: 'health', method: 'GET', status: 200, msg: 'answered' },
      '08:05:09.007 INFO  health: answered method=GET status=200 requestId=r-1',
    ],
    [{ level: 50, msg: 'failed', n: null }, '08:05:09.007 ERROR failed n=null'],
    [{ level: 45, msg: 'a', pid: 1, hostname: 'h' }, '08:05:09.007 WARN  a'],
    [{ msg: 'a', text: 'two words' }, '08:05:09.007 INFO  a text="two words"'],
    [
      { level: 40, msg: 'refused', err: { code: 'A_CODE', message: 'Why.', details: [] } },
      '08:05:09.007 WARN  refused err=A_CODE: Why.',
    ],
    [
      { msg: 'a', err: { message: 'Why.', details: [{ field: 'x' }] } },
      '08:05:09.007 INFO  a err=Why. {"details":[{"field":"x"}]}',
    ],
  ])('%j is %j', (entry, shown) => {
    expect(readableLine(line(entry))).toBe(shown);
  });

  it.each(['printed by a function', '{"level":30}', '{"level":', '[1]'])(
    '%j is no entry, and shown as it is',
    (text) => {
      expect(readableLine(text, time)).toBe(`08:05:09.007       ${text}`);
    },
  );

  it('holds nothing that a terminal would obey', () => {
    const entry = { msg: 'a\u001b[2Jb\nc', key: 'd\u0007' };
    expect(readableLine(line(entry))).not.toMatch(/\p{Cc}/u);
    expect(readableLine('plain \u001b[31m text')).not.toMatch(/\p{Cc}/u);
  });
});

describe('a line of the log for programs', () => {
  it('is an entry as it is', () => {
    expect(jsonLine(line({ msg: 'a' }))).toBe(line({ msg: 'a' }));
  });

  it('becomes one where it is none', () => {
    expect(JSON.parse(jsonLine('a build failed', time))).toEqual({
      ...{ level: 30, time: time.getTime(), msg: 'a build failed' },
    });
  });
});
