/**
 * The catalogue of every failure that the backend can report: one code a failure.
 *
 * `recovery` steers the one retry policy (`retry.ts`):
 * - `retriable`: the same call may succeed later,
 * - `fatal`: it fails again until somebody does what `action` says,
 * - `skippable`: the caller has a way on (another query, the next row).
 */
interface ErrorCodeEntry {
  /** HTTP status of the answer that carries the code. */
  readonly status: number;
  readonly recovery: 'fatal' | 'retriable' | 'skippable';
  readonly meaning: string;
  /** What the reader of the answer should do. */
  readonly action: string;
}

export const ERROR_CODES = {
  // The request
  VALIDATION_FAILED: {
    status: 400,
    recovery: 'fatal',
    meaning: 'A field of the request is missing, unknown or has a wrong value.',
    action: 'Correct the fields that `details` names and send the request again.',
  },
  UNKNOWN_TABLE: {
    status: 400,
    recovery: 'fatal',
    meaning: 'No WMS table is registered under this tableId.',
    action: 'Use one of the tableIds that `details` lists.',
  },
  BODY_NOT_JSON: {
    status: 400,
    recovery: 'fatal',
    meaning: 'The request body is not a JSON object.',
    action: 'Send one JSON object as the body.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    recovery: 'fatal',
    meaning: 'The request body is larger than the endpoint accepts.',
    action: 'Send a smaller body; no request of this API needs more than a few kilobytes.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    recovery: 'fatal',
    meaning: 'The request has a body whose Content-Type is not application/json.',
    action: 'Send `Content-Type: application/json`.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    recovery: 'fatal',
    meaning: 'The endpoint does not answer this HTTP method.',
    action: 'Use one of the methods in the `Allow` header.',
  },

  // Authentication
  NOT_AUTHORIZED: {
    status: 401,
    recovery: 'fatal',
    meaning: 'The request carries no bearer token, or a wrong one.',
    action: 'Send `Authorization: Bearer <API_TOKEN>`.',
  },
  FORBIDDEN: {
    status: 403,
    recovery: 'fatal',
    meaning: 'The read token was used for a request that changes something.',
    action: 'Send the write token (API_TOKEN).',
  },
  API_TOKEN_UNSET: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The site has no API_TOKEN, so every request is refused.',
    action:
      'Set API_TOKEN in the environment of the site, or API_AUTH=none if the site has a gate of its own.',
  },

  TOO_MANY_REQUESTS: {
    status: 429,
    recovery: 'retriable',
    meaning: 'Too many starts of work, or failed attempts to authenticate, within a minute.',
    action:
      'Wait as long as `Retry-After` says. The limit of starts is the setting startsPerMinute.',
  },

  // Configurations, jobs, history
  CONFIG_NOT_FOUND: {
    status: 404,
    recovery: 'fatal',
    meaning: 'The table has no stored configuration.',
    action: 'Create it: POST sync-config, or POST init-sync-config for all tables.',
  },
  CONFIG_EXISTS: {
    status: 409,
    recovery: 'fatal',
    meaning: 'The table already has a configuration.',
    action: 'Change it with PUT sync-config.',
  },
  TABLE_DISABLED: {
    status: 403,
    recovery: 'fatal',
    meaning: 'The configuration of the table is disabled.',
    action: 'Enable it with PUT sync-config, or send `"force": true`.',
  },
  JOB_NOT_FOUND: {
    status: 404,
    recovery: 'fatal',
    meaning: 'No job has this id; jobs are removed some time after their end.',
    action: 'Check the id, or look the run up in the history.',
  },
  HISTORY_NOT_FOUND: {
    status: 404,
    recovery: 'fatal',
    meaning: 'No history entry has this id.',
    action: 'Check the id against GET sync-history.',
  },
  SYNC_RUNNING: {
    status: 409,
    recovery: 'fatal',
    meaning: 'A run of this table is active; a table has one run at a time.',
    action: 'Watch the job that `details` names, and start again when it has ended.',
  },
  SYNC_CANCELED: {
    status: 409,
    recovery: 'fatal',
    meaning: 'The run was canceled.',
    action:
      'Nothing needs to be done: what it had written is right, and the next run goes on from the watermark.',
  },
  JOB_ENDED: {
    status: 409,
    recovery: 'fatal',
    meaning: 'The job has ended, or is just ending.',
    action: 'Nothing needs to be done: there is no work left to cancel.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    recovery: 'fatal',
    meaning: 'The order for a worker is not signed by this backend.',
    action: 'Only the backend itself starts workers. To start a sync, POST sync-table.',
  },
  SYNC_SUPERSEDED: {
    status: 409,
    recovery: 'fatal',
    meaning: 'The run was ended or taken over by somebody else while it worked.',
    action:
      'Nothing needs to be done: what it had written is right. Look at the job that took over.',
  },
  EARLIER_DATA: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The target collection holds documents that this backend did not write; beside them every row would count twice.',
    action:
      'Run `npm run db:adopt`, which moves them to `<collection>_before`, then start the sync again.',
  },
  SOURCE_CHANGED: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The table was synced from another tenant or gateway before; its watermark says nothing about this one.',
    action:
      'If the change is meant, POST sync-control {"tableId": …, "action": "confirm-source"}: the rows of the other tenant are set aside and the next run is a full one.',
  },
  RUN_OUTDATED: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The table definition or the configured warehouses changed while the run was under way.',
    action: 'Start the sync again; the schedule does so by itself. The new run uses the new facts.',
  },
  RUN_STUCK: {
    status: 504,
    recovery: 'fatal',
    meaning:
      'The run was taken up again and again for an hour and a half without getting any further.',
    action:
      'Nothing is lost: the next run reads the same range again. Look into the log of the functions for why its workers end, and try a smaller batchSize, which needs less memory and time.',
  },
  START_REFUSED: {
    status: 503,
    recovery: 'fatal',
    meaning: 'No run of a table on the schedule can be started.',
    action:
      'Do what `refused` says for each table, then POST sync-table, or sync-control with the action resume.',
  },
  SCHEDULE_OVERDUE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'No pass of the schedule has ended for more than 15 minutes: due tables are not started, and interrupted runs are not taken up.',
    action:
      'Check in Netlify that the deploy is published and what the log of scheduled-sync says; until it runs again, POST sync-run-due does a pass.',
  },
  TABLES_OVERDUE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'A table on the schedule has been due for more than 15 minutes, and no run of it was started.',
    action:
      'Look for the tables that `overdue` lists in the log of scheduled-sync; POST sync-table starts one, and its answer says what is in the way.',
  },
  DATA_STALE: {
    status: 503,
    recovery: 'fatal',
    meaning: 'No change of an enabled table has come in for longer than freshnessLimitMinutes.',
    action:
      'Look at the last runs of the tables that `stale` lists, and whether the lake is being fed; where a table is that quiet, raise the limit.',
  },

  // Settings and credentials
  MONGODB_URI_MISSING: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MONGODB_URI is not set.',
    action: 'Set MONGODB_URI to the connection string of the database.',
  },
  MONGODB_URI_INVALID: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MONGODB_URI is not a MongoDB connection string.',
    action:
      'Copy the connection string of the cluster again; user and password have to be percent-encoded, and mongodb+srv:// takes no port.',
  },
  MONGODB_OPTION_INVALID: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MONGODB_URI has an option that the driver does not know or cannot use.',
    action: 'Correct or remove the option that `details` names, after the ? of MONGODB_URI.',
  },
  SETTING_INVALID: {
    status: 503,
    recovery: 'fatal',
    meaning: 'An environment variable has a value that cannot be used.',
    action: 'Correct the variable that `details` names.',
  },
  ION_CREDENTIALS_MISSING: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'There are no ION credentials: neither ION_* variables, nor ION_CREDENTIALS, nor an .ionapi file.',
    action:
      'Set the ION_* variables, or ION_CREDENTIALS to the content of the downloaded file, or put the downloaded file at ION_Credentials/IONAPI_CREDENTIALS.ionapi.',
  },
  ION_CREDENTIALS_INCOMPLETE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'The ION credentials lack a part. They come from ION_CREDENTIALS, else from the ION_* variables if one of them is set, else from the file.',
    action: 'Add what `details` names, or remove every ION_* variable to use the file.',
  },
  ION_CREDENTIALS_CONFLICTING: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The ION credentials are given twice, with different values.',
    action: 'Remove the variables that `details` names, or correct them.',
  },
  ION_CREDENTIALS_MALFORMED: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'The ION credentials hold a value of a wrong form, or the file is not one JSON object.',
    action: 'Correct what `details` names, or download the .ionapi file again.',
  },
  ION_CREDENTIALS_INTERACTIVE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'The .ionapi file belongs to an app without service account (it has no saak and sask), which only a person can log in with.',
    action:
      'In ION API authorise an app of the type "Backend Service", create its credentials with a service account, and use that file.',
  },
  ION_AUTH_REFUSED: {
    status: 502,
    recovery: 'fatal',
    meaning: "Infor's authorisation server refused the credentials.",
    action:
      'Compare them with the .ionapi file; renew the service account in ION API if it has been revoked.',
  },
  ION_TOKEN_REFUSED: {
    status: 502,
    recovery: 'fatal',
    meaning: 'The gateway refused a token that was issued a moment ago.',
    action:
      'Check that ION_API_URL, ION_SSO_URL and ION_TENANT belong together and that the app may use Data Fabric.',
  },

  // The lake
  LAKE_UNREACHABLE: {
    status: 502,
    recovery: 'retriable',
    meaning: 'No answer came from the Infor gateway: name, connection or transfer failed.',
    action:
      'Nothing needs to be done if it passes; else check ION_API_URL, ION_SSO_URL and the network.',
  },
  LAKE_TIMEOUT: {
    status: 504,
    recovery: 'retriable',
    meaning: 'The Infor gateway did not answer in time.',
    action: 'Nothing needs to be done if it passes; a smaller batchSize makes pages come faster.',
  },
  LAKE_QUOTA: {
    status: 503,
    recovery: 'retriable',
    meaning: "The tenant's quota of calls is used up for the moment.",
    action:
      'Nothing needs to be done: calls go on when the quota allows, and a run waits for that up to an hour. If it lasts, sync less often, or find out who else uses the quota.',
  },
  LAKE_SERVER_ERROR: {
    status: 502,
    recovery: 'retriable',
    meaning: 'The Infor gateway answered with a server error.',
    action:
      'Nothing needs to be done if it passes; else report it to Infor with the text in `details`.',
  },
  LAKE_BAD_ANSWER: {
    status: 502,
    recovery: 'retriable',
    meaning: 'The lake answered with something that is not what its API promises.',
    action:
      'Nothing needs to be done if it passes; else report it to Infor with the text in `details`.',
  },
  LAKE_REFUSED: {
    status: 502,
    recovery: 'fatal',
    meaning: 'The lake refused the request.',
    action: 'Read the text in `details`; check the tenant, the URL and the rights of the app.',
  },
  LAKE_QUERY_FAILED: {
    status: 502,
    recovery: 'fatal',
    meaning: 'The lake could not run the query; `details` has its own reason, line and position.',
    action:
      'Check that the lake object exists in this tenant and that the service account may read it.',
  },
  LAKE_QUERY_CANCELED: {
    status: 502,
    recovery: 'fatal',
    meaning: 'The query was canceled in the lake before it ended.',
    action: 'Start the sync again.',
  },
  LAKE_QUERY_SLOW: {
    status: 504,
    recovery: 'fatal',
    meaning: 'The query did not end within the time that the lake gives a query.',
    action: 'Start the sync again; if it lasts, sync fewer warehouses at a time.',
  },
  LAKE_RESULT_LOST: {
    status: 502,
    recovery: 'skippable',
    meaning: 'The lake no longer has the result of the query.',
    action: 'Nothing needs to be done: the query is sent again.',
  },
  LAKE_RESULT_UNPROVEN: {
    status: 502,
    recovery: 'skippable',
    meaning:
      'The rows that the lake delivered are not those that its own totals state, and a second query did not settle it.',
    action:
      'Nothing is lost: the watermark has not moved, and the next run reads the same range again. If it lasts, report the totals in `details` to Infor.',
  },
  LAKE_TIMES_WENT_BACK: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The lake shows rows with older index times than the versions stored in MongoDB, so those rows could not be updated.',
    action:
      'Rebuild the table: POST sync-table {"tableId": …, "mode": "full", "rebuild": true}. It replaces every stored version by what the lake shows.',
  },
  ALL_ROWS_REJECTED: {
    status: 502,
    recovery: 'fatal',
    meaning: 'The run read rows, and not one of them could be stored.',
    action:
      'Look at the reasons: GET sync-rejects. If it is all rows of the table, its key columns have probably changed in the lake. Nothing is lost: the watermark has not moved, and the next run reads the same rows again.',
  },

  // MongoDB
  MONGODB_UNREACHABLE: {
    status: 503,
    recovery: 'retriable',
    meaning: 'MongoDB cannot be reached.',
    action:
      'Nothing needs to be done if it passes; else check that the cluster runs (Atlas pauses unused ones: resume it there), that its network access list admits this site, and the host in MONGODB_URI.',
  },
  MONGODB_AUTH_REFUSED: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MongoDB refused the user or the user lacks a right.',
    action:
      'If the login failed, correct user, password and authSource in MONGODB_URI; if a right is missing, give the user readWrite on the database.',
  },
  MONGODB_BUSY: {
    status: 503,
    recovery: 'retriable',
    meaning:
      'MongoDB could not do the operation just now (election, write conflict, shutdown, all connections in use).',
    action: 'Nothing needs to be done: it is repeated.',
  },
  MONGODB_FULL: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MongoDB has no room left: the space quota of the cluster or its disk is used up.',
    action:
      'Free space or enlarge the cluster (Atlas Free ends at 512 MB); the next run goes on from the watermark.',
  },
  MONGODB_TOO_MANY_COLLECTIONS: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The MongoDB cluster has as many collections as it may have.',
    action:
      'Drop collections that nobody needs, in any database of the cluster (those named …_before are copies of earlier data), or enlarge the cluster; Atlas Free ends at 500 collections.',
  },
  MONGODB_NAME_DIFFERS_IN_CASE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'The server has a database whose name differs from that in MONGODB_URI only in letter case.',
    action: 'Spell the database in MONGODB_URI as the server does; `details` has both names.',
  },
  MONGODB_TOO_OLD: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The MongoDB server is older than the driver supports.',
    action: 'Upgrade the server to MongoDB 7.0 or later.',
  },
  MONGODB_FAILED: {
    status: 500,
    recovery: 'fatal',
    meaning: 'MongoDB refused an operation.',
    action: 'Read the text in `details`.',
  },
  MONGODB_INDEX_MISSING: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'An index that correctness rests on is missing: not made yet, or MongoDB refused to make it.',
    action:
      'Run `npm run db:indexes` as a user with the right to create indexes; the first sync makes it, too.',
  },

  // The backend itself
  OUT_OF_TIME: {
    status: 504,
    recovery: 'retriable',
    meaning: 'The time of this call ended while a failure that may pass was being waited out.',
    action:
      'Nothing needs to be done if a job is under way: its next slice goes on. Else send the request again.',
  },
  INTERNAL: {
    status: 500,
    recovery: 'fatal',
    meaning: 'A fault in the backend itself.',
    action: 'Report it with the requestId; the log has the rest under it.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The entry of a code, with the literal types widened. */
export function entryOf(code: ErrorCode): ErrorCodeEntry {
  return ERROR_CODES[code];
}
