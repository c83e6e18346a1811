/**
 * A lake on this machine: Infor's token endpoint and Compass API over WMS data made from a seed.
 *
 * @example
 * const lake = await startLake({ rows: 200 });
 * await lake.edit('CSWMS_wmwhse_TASKDETAIL', { TASKDETAILKEY: '0000000001' }, { STATUS: '9' });
 * await lake.close();
 */
export { ionVariables } from './credentials.js';
export { connectLake, type RemoteLake } from './remote.js';
export { startLake } from './start-lake.js';
export type * from './types.js';
