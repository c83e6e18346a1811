import { literal } from '../store/sql-text.js';
import { type Expressions, padded } from './expressions.js';
import type { SeedPlan, TableSeed } from './plan.js';
import { headers, keyOfSome } from './source.js';
import { location, SKUS } from './vocabulary.js';

/** How many of each type one demo tenant had: 22,203 rows. */
const TASK_TYPES = {
  PK: 6945,
  PIA: 2817,
  PIB: 2817,
  CC: 2204,
  PA: 1824,
  DP: 1694,
  RC: 1068,
  LD: 689,
  PP: 586,
  MV: 570,
  RP: 304,
  TD: 242,
  CR: 157,
  SP: 130,
  OSM: 115,
  SC: 30,
  CM: 8,
  WC: 1,
  QC: 1,
  XD: 1,
};

export function seedTaskdetail(e: Expressions, plan: SeedPlan): TableSeed {
  const picking = "tasktype IN ('PK', 'PP', 'PIA', 'PIB')";
  const source = `SELECT *, ${taskType()} AS tasktype, ${e.percent(8)} AS pending,
      ${keyOfSome(e, plan.receipts)} AS receiptkey, ${keyOfSome(e, plan.orders)} AS orderkey
    FROM (${headers(e, plan.tasks, plan.nowMs)})`;
  const started = `added + to_milliseconds(${e.dice(900_000)})`;
  const ended = `CASE WHEN pending THEN ${started} ELSE greatest(${started}, edited) END`;
  const sourceKey = `CASE WHEN tasktype = 'PA' THEN receiptkey || ${padded(`1 + ${e.dice(3)}`, 5)}
      WHEN ${picking} THEN ${padded('serial')} ELSE '' END`;
  return {
    source,
    columns: {
      SERIALKEY: 'serial',
      WHSEID: 'WHSEID',
      TASKDETAILKEY: padded('serial'),
      TASKTYPE: 'tasktype',
      STORERKEY: 'storer',
      SKU: e.oneOf(SKUS),
      LOT: e.mostly(80, padded(e.dice(90_000)), "' '"),
      UOM: e.oneOf(['2', '6', '6']),
      UOMQTY: e.quantity(12),
      QTY: e.quantity(144),
      FROMLOC: location(e),
      LOGICALFROMLOC: location(e),
      FROMID: e.mostly(70, padded(e.dice(10_000_000)), "''"),
      TOLOC: e.oneOf(['PACK01', 'PACK02', 'STAGE01', 'DOCK07']),
      LOGICALTOLOC: e.oneOf(['PACK01', 'PACK02', 'STAGE01', 'DOCK07']),
      TOID: e.mostly(70, padded(e.dice(10_000_000)), "''"),
      CASEID: e.mostly(50, `'C' || ${padded('serial', 9)}`, "' '"),
      PICKMETHOD: e.oneOf([' ', '1', '3']),
      STATUS: "CASE WHEN pending THEN '0' ELSE '9' END",
      STATUSMSG: "CASE WHEN pending THEN 'Available Task' ELSE 'Task Complete' END",
      PRIORITY: "'5'",
      SOURCEPRIORITY: "'5'",
      HOLDKEY: "''",
      USERKEY: `CASE WHEN pending THEN '' ELSE ${e.user()} END`,
      USERPOSITION: "'1'",
      USERKEYOVERRIDE: "''",
      STARTTIME: started,
      ENDTIME: ended,
      SOURCETYPE: `CASE WHEN ${picking} THEN 'PICKDETAIL' WHEN tasktype = 'PA' THEN 'PUTAWAY'
        ELSE ${e.oneOf(['CYCLECOUNT', 'REPLENISHMENT', ' '])} END`,
      SOURCEKEY: sourceKey,
      PICKDETAILKEY: `CASE WHEN ${picking} THEN ${padded('serial')} ELSE '' END`,
      ORDERKEY: `CASE WHEN ${picking} THEN orderkey ELSE ' ' END`,
      ORDERLINENUMBER: `CASE WHEN ${picking} THEN ${padded(`1 + ${e.dice(3)}`, 5)} ELSE ' ' END`,
      LISTKEY: "''",
      WAVEKEY: `CASE WHEN ${picking} THEN ${padded('1 + serial // 50')} ELSE '' END`,
      REASONKEY: "''",
      MESSAGE01: e.mostly(2, "'Grüße aus Köln – 東京 ✓'", "' '"),
      MESSAGE02: "' '",
      MESSAGE03: "''",
      FINALTOLOC: e.oneOf(['DOCK07', 'DOCK08', ' ']),
      SEQNO: '99999',
      ADDDATE: 'added',
      ADDWHO: e.user(),
      EDITDATE: 'edited',
      EDITWHO: e.user(),
      DOOR: e.oneOf([' ', 'DOOR1', 'DOOR2']),
      ROUTE: e.oneOf([' ', 'R-NORTH', 'R-SOUTH']),
      PUTAWAYZONE: e.oneOf(['BULK', 'PICK', 'COLD', 'RACK']),
      UASSGNNUMBER: "''",
      EQUIPMENT: "' '",
      EQUIPMENTID: "''",
      SUBTASK: `CASE WHEN ${picking} THEN ${e.oneOf(['CLPK', 'DIRPK'])} ELSE '' END`,
      CLUSTERKEY: e.mostly(30, padded('1 + serial // 8'), "''"),
      TAREWGT: '0',
      NETWGT: e.amount(400),
      GROSSWGT: e.amount(450),
      MAXNUMPERCLUSTERCARTON: '0',
      PAID: '0',
      BILLABLE: "'0'",
      PAYROLLCANCELED: "'0'",
      PICKCONTPLACEMENT: "'0'",
      POSITION: "''",
      RUNSEQUENCE: '0',
      SCHEMA_REFERENCE: 'WHSEID',
    },
  };
}

/** Spreads the types evenly, so that a small lake has the same mix as a large one. */
function taskType(): string {
  let upTo = 0;
  const branches = Object.entries(TASK_TYPES).map(([type, rows]) => {
    upTo += rows;
    return `WHEN place < ${upTo} THEN ${literal(type)}`;
  });
  // 7,919 has no common factor with the sum: 22,203 rows in a row hold each place once.
  return `(SELECT CASE ${branches.join(' ')} END FROM (SELECT (i * 7919) % ${upTo} AS place))`;
}
