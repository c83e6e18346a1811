import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { native } from '../../src/store/driver/native.js';
import { startBackend } from '../support/backend.js';

const { app, call, sync, db } = await startBackend({ rows: 20 });
const ORDERS = { tableId: 'orders' };

/** Of one configuration, and of the settings: what is alike for both. */
const DOCUMENTS = {
  'sync-config': {
    get: () => call('sync-config', { query: ORDERS }),
    put: (n: number, ifMatch?: string) =>
      call('sync-config', {
        method: 'PUT',
        body: { ...ORDERS, syncFrequency: n },
        ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
      }),
    value: async () => (await call('sync-config', { query: ORDERS })).body.syncFrequency,
  },
  'sync-settings': {
    get: () => call('sync-settings'),
    put: (n: number, ifMatch?: string) =>
      call('sync-settings', {
        method: 'PUT',
        body: { settings: { freshnessLimitMinutes: n, startsPerMinute: null } },
        ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
      }),
    value: async () =>
      ((await call('sync-settings')).body.settings as { key: string; value: unknown }[]).find(
        ({ key }) => key === 'freshnessLimitMinutes',
      )?.value,
  },
};

beforeEach(async () => {
  await db.collection('syncconfigs').deleteMany({});
  await db.collection('settings').deleteMany({ key: { $ne: 'startsPerMinute' } });
  await call('init-sync-config', { body: {} });
});

const control = (action: string) => call('sync-control', { body: { ...ORDERS, action } });
const revision = async () => (await DOCUMENTS['sync-config'].get()).body.revision;

describe.each(Object.entries(DOCUMENTS))('%s', (name, { get, put, value }) => {
  it('has a revision in body and ETag, 1 at first, and one more with each PUT', async () => {
    const seen = [await get(), await put(60), await put(60), await get()];
    expect(seen.map(({ body }) => body.revision)).toEqual([1, 2, 3, 3]);
    expect(seen.map(({ headers }) => headers.get('etag'))).toEqual(['"1"', '"2"', '"3"', '"3"']);
    expect(seen.map(({ headers }) => headers.get('cache-control'))).toEqual(
      Array(4).fill('no-store'),
    );
  });

  it('is not changed at another revision than the expected one', async () => {
    await put(61);
    for (const stale of ['"1"', 'W/"1-df"', '"3"', '"1", "7"', '"nope"']) {
      const { status, body } = await put(99, stale);
      expect({ status, body }).toMatchObject({
        status: 412,
        body: { code: 'REVISION_CHANGED', details: [{ field: 'If-Match', revision: 2 }] },
      });
    }
    expect(await value()).toBe(61);
    expect((await get()).body.revision).toBe(2);
  });

  it('is changed at the expected revision, in any form that a CDN makes of it', async () => {
    await put(61);
    const forms = ['"2"', 'W/"3"', '"4-df"', '"5;gzip"', '"1", W/"6-br"', '*'];
    for (const [i, ifMatch] of forms.entries()) {
      const { status, body } = await put(62 + i, ifMatch);
      expect({ status, revision: body.revision }).toEqual({ status: 200, revision: 3 + i });
    }
    expect(await value()).toBe(67);
  });

  it('is changed for the first time at revision 1, and by one of several at once', async () => {
    for (const ifMatch of ['"1"', '"2"']) {
      const replies = await Promise.all([61, 62, 63, 64].map((n) => put(n, ifMatch)));
      const [won, ...others] = replies.sort((a, b) => a.status - b.status);
      expect(won?.status).toBe(200);
      expect(others.map(({ body }) => body.code)).toEqual(Array(3).fill('REVISION_CHANGED'));
      expect(won?.headers.get('etag')).toBe((await get()).headers.get('etag'));
    }
    expect((await get()).body.revision).toBe(3);
  });

  it('counts each of several changes at once that expect nothing', async () => {
    const replies = await Promise.all([61, 62, 63, 64].map((n) => put(n)));
    expect(replies.map(({ body }) => body.revision).sort()).toEqual([2, 3, 4, 5]);
  });

  it('is changed once where the first answer of MongoDB is lost, and that is no lost update', async () => {
    const { configs, settings } = await app().models();
    const stored = native<mongo.Document>((name === 'sync-config' ? configs : settings) as never);
    await put(61);
    const send = stored.findOneAndUpdate.bind(stored) as (...given: unknown[]) => Promise<unknown>;
    let isLost = false;
    Object.assign(stored, {
      async findOneAndUpdate(...given: unknown[]) {
        const answer = await send(...given);
        if (isLost) return answer;
        isLost = true;
        throw new mongo.MongoNetworkError('connection closed');
      },
    });
    const { status, body } = await put(62, '"2"');
    Reflect.deleteProperty(stored, 'findOneAndUpdate');
    expect({ isLost, status, revision: body.revision }).toEqual({
      isLost: true,
      status: 200,
      revision: 3,
    });
    expect(await value()).toBe(62);
  });

  it('refuses an If-Match that is none, and changes nothing', async () => {
    for (const ifMatch of ['', '7', '"7', '"1" *']) {
      const { status, body } = await put(99, ifMatch);
      expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field: 'If-Match' });
    }
    expect((await get()).body.revision).toBe(1);
  });

  it('is never answered with 304, and HEAD has the ETag as well', async () => {
    const query = name === 'sync-config' ? ORDERS : {};
    const headers = { 'if-none-match': '"1"' };
    expect((await call(name, { query, headers })).status).toBe(200);
    const head = await call(name, { query, method: 'HEAD' });
    expect(head.headers.get('etag')).toBe('"1"');
  });
});

describe('the revision of a configuration', () => {
  it('is raised by pause and resume, and by nothing that a run or a start leaves', async () => {
    await control('pause');
    expect(await revision()).toBe(2);
    await control('resume');
    expect(await revision()).toBe(3);
    await db.collection('syncconfigs').deleteMany({ tableId: { $ne: 'orders' } });
    await sync('orders', { mode: 'full' });
    await db.collection('syncconfigs').updateOne(ORDERS, { $set: { nextRunAt: new Date(0) } });
    const { body } = await call('sync-run-due', { body: {} });
    expect(body.syncedTables).toHaveLength(1);
    await db.collection('orders').insertOne({ ORDERKEY: 'of an earlier version' });
    expect((await call('sync-table', { body: ORDERS })).body.code).toBe('EARLIER_DATA');
    expect(await revision()).toBe(3);
    const { status } = await DOCUMENTS['sync-config'].put(61, '"3"');
    expect(status).toBe(200);
    await db.collection('orders').deleteMany({ _lake: { $exists: false } });
  });

  it('is raised by a reset to the defaults, which would be lost otherwise', async () => {
    await DOCUMENTS['sync-config'].put(61);
    await call('init-sync-config', { body: { force: true } });
    expect((await DOCUMENTS['sync-config'].put(62, '"2"')).status).toBe(412);
    await call('init-sync-config', { body: {} });
    expect(await revision()).toBe(3);
  });

  it('is 1 where it was stored before there were revisions', async () => {
    await db
      .collection('syncconfigs')
      .updateOne(ORDERS, { $unset: { revision: '', changeId: '' } });
    expect((await DOCUMENTS['sync-config'].put(61, '"1"')).body.revision).toBe(2);
  });

  it('is in each item of a list, which has no ETag', async () => {
    const { body, headers } = await call('sync-config');
    expect((body as unknown as { revision: number }[]).map((one) => one.revision)).toEqual(
      Array(5).fill(1),
    );
    expect(headers.get('etag')).toBeNull();
  });

  it('is in the answer to its creation, and shows nothing that is internal', async () => {
    await call('sync-config', { method: 'DELETE', query: ORDERS });
    const { status, headers, body } = await call('sync-config', { body: ORDERS });
    expect({ status, etag: headers.get('etag'), place: headers.get('location') }).toEqual({
      status: 201,
      etag: '"1"',
      place: '/.netlify/functions/sync-config?tableId=orders',
    });
    expect(body).not.toHaveProperty('changeId');
    expect((await DOCUMENTS['sync-config'].put(61)).body).not.toHaveProperty('changeId');
  });

  it('guards its removal as well', async () => {
    await DOCUMENTS['sync-config'].put(61);
    const remove = (ifMatch: string) =>
      call('sync-config', { method: 'DELETE', query: ORDERS, headers: { 'if-match': ifMatch } });
    expect((await remove('"1"')).body.code).toBe('REVISION_CHANGED');
    expect((await remove('"2"')).status).toBe(200);
  });

  it('is expected of one that is not there: 404', async () => {
    await call('sync-config', { method: 'DELETE', query: ORDERS });
    for (const ifMatch of ['"1"', '*']) {
      const { body } = await DOCUMENTS['sync-config'].put(61, ifMatch);
      expect(body.code).toBe('CONFIG_NOT_FOUND');
    }
  });
});

describe('settings', () => {
  it('that were stored one by one count, until they are changed', async () => {
    const settings = db.collection('settings');
    await settings.insertOne({ key: 'freshnessLimitMinutes', value: 77 });
    expect(await DOCUMENTS['sync-settings'].value()).toBe(77);
    const reply = await call('sync-settings', {
      method: 'PUT',
      body: { key: 'startsPerMinute', value: null },
      headers: { 'if-match': '"1"' },
    });
    expect(reply.body).toMatchObject({ revision: 2 });
    expect(await DOCUMENTS['sync-settings'].value()).toBe(77);
    await DOCUMENTS['sync-settings'].put(78);
    expect(await DOCUMENTS['sync-settings'].value()).toBe(78);
  });

  it('change together: a refused request stores none of them', async () => {
    await DOCUMENTS['sync-settings'].put(61);
    const before = await db.collection('settings').find().toArray();
    await DOCUMENTS['sync-settings'].put(99, '"1"');
    expect(await db.collection('settings').find().toArray()).toEqual(before);
  });

  it('of which none has been changed, and that are expected at another revision, stay away', async () => {
    const before = await db.collection('settings').find().toArray();
    expect((await DOCUMENTS['sync-settings'].put(99, '"7"')).status).toBe(412);
    expect(await db.collection('settings').find().toArray()).toEqual(before);
  });
});
