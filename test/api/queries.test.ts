import { readFileSync } from 'node:fs';
import type { mongo } from 'mongoose';
import { beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { runIndexes } from '../../tools/indexes/command.js';
import { startBackend } from '../support/backend.js';

/** Every query of docs/queries.md, against what the demo's lake has. */

const { db, uri, call, sync } = await startBackend({ rows: 1_500 });
const text = readFileSync(new URL('../../docs/queries.md', import.meta.url), 'utf8');

interface Documented {
  readonly code: string;
  /** The index that the page names; undefined where it promises none. */
  readonly index: string | undefined;
  readonly inOrder: boolean;
}

const documented = [...text.matchAll(/```js\n(.*?)```\n\nPlan: (.*?)\n(?:\n|$)/gs)].map(
  ([, code = '', plan = '']): Documented => ({
    code,
    index: /^`IXSCAN (\w+)`/.exec(plan)?.[1],
    inOrder: plan.includes('in the order of the index'),
  }),
);

/** What mongosh would send for the code. */
function commandOf(code: string): mongo.Document & { readonly find?: string } {
  let command: mongo.Document = {};
  const cursor = {
    sort: (sort: mongo.Document) => add({ sort }),
    limit: (limit: number) => add({ limit }),
  };
  const add = (part: mongo.Document) => {
    command = { ...command, ...part };
    return cursor;
  };
  const collections = new Proxy(
    {},
    {
      get: (_, name: string) => ({
        find: (filter: mongo.Document) => add({ find: name, filter }),
        aggregate: (pipeline: mongo.Document[]) => add({ aggregate: name, pipeline, cursor: {} }),
      }),
    },
  );
  // The page of our own repository.
  new Function('db', 'ISODate', code)(collections, (time: string) => new Date(time));
  return command;
}

function planOf(explained: unknown): { stages: string[]; indexes: string[] } {
  const found = { stages: [] as string[], indexes: [] as string[] };
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (name === 'rejectedPlans' || name === 'command') continue;
      if (name === 'stage') found.stages.push(String(part));
      else if (name === 'indexName') found.indexes.push(String(part));
      else walk(part);
    }
  };
  walk(explained);
  return found;
}

/** What the query finds, in batches no larger than the first. */
async function found(command: mongo.Document): Promise<mongo.Document[]> {
  const { cursor } = await db.command({ ...command, ...(command.find && { batchSize: 1_000 }) });
  return cursor.firstBatch;
}

const live = { '_lake.deletedAt': { $exists: false } };

beforeAll(async () => {
  await call('init-sync-config', { body: {} });
  for (const { tableId } of TABLES) await sync(tableId);
  const lines: string[] = [];
  const screen = {
    line: (line: string) => lines.push(line),
    problem: (line: string) => lines.push(line),
  };
  const args = ['--profile', 'wms', '--time-zone', 'America/Chicago'];
  expect(await runIndexes(args, { MONGODB_URI: uri }, screen), lines.join('\n')).toBe(0);
});

describe('docs/queries.md', () => {
  it('states a plan for each query, and a query for each index', () => {
    expect(documented).toHaveLength(text.split('```js').length - 1);
    const used = new Set(documented.map(({ index }) => index));
    for (const { queryIndexes = [], tableId } of TABLES) {
      for (const { name } of queryIndexes) expect(used, `${tableId}.${name}`).toContain(name);
    }
  });

  it.each(documented)('finds rows by $index: $code', async ({ code, index, inOrder }) => {
    const command = commandOf(code);
    expect(await found(command)).not.toEqual([]);
    const explained = await db.command({ explain: command, verbosity: 'queryPlanner' });
    const { stages, indexes } = planOf(explained);
    if (index === undefined) return;
    expect(new Set(indexes), stages.join()).toEqual(new Set([index]));
    expect(stages).not.toContain('COLLSCAN');
    expect(stages).not.toContain('SORT');
    expect(command.sort !== undefined).toBe(inOrder);
  });

  it('leaves deleted documents out, but where a reader is to learn of them', async () => {
    const before = new Map<Documented, number>();
    for (const one of documented) before.set(one, (await found(commandOf(one.code))).length);
    for (const { collection } of TABLES) {
      await db.collection(collection).updateMany(live, { $set: { '_lake.deletedAt': new Date() } });
    }
    for (const [one, count] of before) {
      const expected = one.index === 'changed_since' ? count : 0;
      expect((await found(commandOf(one.code))).length, one.code).toBe(expected);
    }
  });
});
