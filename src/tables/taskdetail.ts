import { commonColumns, ownUse } from './common-columns.js';
import { openTasks } from './open-tasks.js';
import { changedSince } from './query-index.js';
import { date, defineTable, number, text } from './table.js';

export const taskdetail = defineTable({
  tableId: 'taskdetail',
  tableName: 'Task Detail',
  description: 'Warehouse tasks: picks, putaways, moves, cycle counts, loads',
  collection: 'taskdetails',
  object: 'CSWMS_wmwhse_TASKDETAIL',
  key: ['TASKDETAILKEY'],
  syncFrequency: 60,
  columns: {
    ...commonColumns,
    ...ownUse,
    ...text(`
      TASKDETAILKEY TASKTYPE STORERKEY SKU LOT UOM FROMLOC LOGICALFROMLOC FROMID TOLOC
      LOGICALTOLOC TOID CASEID PICKMETHOD STATUS STATUSMSG PRIORITY SOURCEPRIORITY HOLDKEY
      USERKEY USERPOSITION USERKEYOVERRIDE SOURCETYPE SOURCEKEY PICKDETAILKEY ORDERKEY
      ORDERLINENUMBER LISTKEY WAVEKEY REASONKEY MESSAGE01 MESSAGE02 MESSAGE03 FINALTOLOC DOOR
      ROUTE PUTAWAYZONE UASSGNNUMBER EQUIPMENT EQUIPMENTID SUBTASK CLUSTERKEY BILLABLE
      PAYROLLCANCELED PICKCONTPLACEMENT POSITION SCHEMA_REFERENCE OPTBATCHID
      OPTTASKSEQUENCE OPTREPLENISHMENTUOM OPTLOCATIONTYPE AMSTRATEGYKEY STEPNUMBER STOP ASSIGNMENTNUMBER
      OWNERBILLTO CHARGECODE ACTUALTOLOC COMMENTS
    `),
    ...number(`
      UOMQTY QTY SEQNO TAREWGT NETWGT GROSSWGT MAXNUMPERCLUSTERCARTON PAID RUNSEQUENCE
      OPTQTYLOCMINIMUM OPTQTYLOCLIMIT STANDARD ESTLABORSTD ORIGINALPAID
    `),
    ...date(`
      STARTTIME ENDTIME RELEASEDATE ORIGINALSTARTTIME ORIGINALENDTIME REQUESTEDSHIPDATE
    `),
  },
  queryIndexes: [
    {
      name: 'open_tasks',
      question: 'Which tasks are open in a warehouse, by type and priority?',
      // By status first, since most tasks are completed; all warehouses can then be read as well.
      keys: { STATUS: 1, WHSEID: 1, TASKTYPE: 1, PRIORITY: 1 },
    },
    {
      name: 'tasks_of_a_user',
      question: 'What is a user working on, and what has the user completed since?',
      keys: { USERKEY: 1, STATUS: 1, ENDTIME: 1 },
      unlessBlank: 'USERKEY',
    },
    {
      name: 'tasks_of_an_order',
      question: 'Which tasks does an order have?',
      keys: { ORDERKEY: 1, WHSEID: 1 },
      unlessBlank: 'ORDERKEY',
    },
    {
      name: 'tasks_of_a_source',
      question: 'Which tasks does a receipt have? Their SOURCEKEY begins with its key.',
      keys: { SOURCEKEY: 1, WHSEID: 1 },
      unlessBlank: 'SOURCEKEY',
    },
    changedSince,
  ],
  views: [openTasks],
});
