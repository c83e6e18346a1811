import { afterAll, expect, it } from 'vitest';
import { type Lake, startLake } from '../../dev/lake/index.js';
import { windowGroups, windowRows } from '../../src/datafabric/window-groups.js';
import { MOST_GROUPS, windowCountQuery } from '../../src/datafabric/window-query.js';
import { CompassClient } from '../dev/lake/compass-client.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const source = { object: TASKS, serialKey: 'SERIALKEY', deleteFlag: true } as const;
const lake: Lake = await startLake({ rows: 0 });
const client = new CompassClient(lake);
afterAll(() => lake.close());

const listed = (sql = windowCountQuery(source, {}, {}, ['wmwhse1', 'none'])) => client.rows(sql);
const row = (serial: number, whseid = 'wmwhse1') => ({
  SERIALKEY: serial,
  WHSEID: whseid,
  TASKDETAILKEY: `K${serial}`,
});

it('has one row without groups where there is nothing to count', async () => {
  const result = await listed();
  expect(result).toMatchObject([{ ROW_COUNT: '0', GROUPS: '0', LISTED: '1' }]);
  expect([windowRows(result[0]), windowGroups(result)]).toEqual([1, undefined]);
});

it('lists warehouse by index time, each group with the counts of all', async () => {
  const at = new Date(lake.now().getTime() - 1000);
  await lake.insert(TASKS, [row(1), row(2), row(7, 'wmwhse2')], { at });
  await lake.insert(TASKS, [row(4)]);
  const result = await listed();
  expect(result).toHaveLength(3);
  expect(result[0]).toMatchObject({
    ...{ ROW_COUNT: '4', MIN_SERIALKEY: '1', MAX_SERIALKEY: '7', GROUPS: '3' },
    ...{ ROWS_OF_0: '3', ROWS_OF_1: '0' },
  });
  const groups = windowGroups(result)?.map(({ modified: _, ...group }) => group);
  expect(groups).toHaveLength(3);
  const [minSerial, maxSerial] = [1n, 2n];
  expect(groups).toContainEqual({
    ...{ whseid: 'wmwhse1', rows: 2n, serialSum: 3n, minSerial, maxSerial },
  });
});

it('lists none where there are too many, and counts all the same', async () => {
  const few = windowCountQuery(source, {}, {}).replace(`<= ${MOST_GROUPS} `, '<= 2 ');
  const result = await listed(few);
  expect(result).toMatchObject([{ ROW_COUNT: '4', GROUPS: '3', LISTED: '0' }]);
  expect([windowRows(result[0]), windowGroups(result)]).toEqual([1, undefined]);
});

it('says nothing of groups that do not add up, or of rows without a number', async () => {
  const result = await listed();
  expect(windowGroups(result.slice(1))).toBeUndefined();
  expect(windowGroups(result.map((one) => ({ ...one, GROUP_ROWS: '5' })))).toBeUndefined();
  await lake.insert(TASKS, [{ WHSEID: 'wmwhse1', TASKDETAILKEY: 'none' }]);
  expect(windowGroups(await listed())).toBeUndefined();
});
