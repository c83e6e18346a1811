/**
 * The catalogue of every failure that the backend can report: one code per failure.
 *
 * `recovery` steers the one retry policy (`retry.ts`):
 * - `retriable`: the same call may succeed later,
 * - `fatal`: it fails again until the cause is removed as `action` says,
 * - `skippable`: the caller can continue without it (another query, the next row).
 */
interface ErrorCodeEntry {
  /** HTTP status of the answer that carries the code. */
  readonly status: number;
  readonly recovery: 'fatal' | 'retriable' | 'skippable';
  readonly meaning: string;
  /** What the reader of the answer should do. */
  readonly action: string;
  /** `Retry-After` of the answer in seconds, where the failure itself names no time. */
  readonly retryAfterS?: number;
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
    meaning: 'The Content-Type of the body is not application/json in UTF-8.',
    action: 'Send `Content-Type: application/json`, without another charset than UTF-8.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    recovery: 'fatal',
    meaning: 'The endpoint does not answer this HTTP method.',
    action: 'Use one of the methods in the `Allow` header.',
  },
  REVISION_CHANGED: {
    status: 412,
    recovery: 'fatal',
    meaning: 'The document has been changed since the revision that `If-Match` names.',
    action: 'Read it again, decide whether the change is still wanted, and send the new ETag.',
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    recovery: 'retriable',
    meaning: 'The first request with this Idempotency-Key is still being worked on.',
    action: 'Send the same request again after the seconds in `Retry-After`.',
    retryAfterS: 5,
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    recovery: 'fatal',
    meaning: 'This Idempotency-Key was sent with another request before.',
    action: 'Use a new key for a new request, and repeat a request without any change.',
  },

  // Authentication
  NOT_AUTHORIZED: {
    status: 401,
    recovery: 'fatal',
    meaning: 'The request has no bearer token, or an invalid one.',
    action: 'Send `Authorization: Bearer <API_TOKEN>`.',
  },
  FORBIDDEN: {
    status: 403,
    recovery: 'fatal',
    meaning: 'The read token was used for a request that needs the write token.',
    action: 'Send the write token (API_TOKEN).',
  },
  API_TOKEN_UNSET: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The site has no API_TOKEN, so every request is refused.',
    action:
      'Set API_TOKEN in the environment of the site, or API_AUTH=none if the site is protected by other means.',
  },

  TOO_MANY_REQUESTS: {
    status: 429,
    recovery: 'retriable',
    meaning:
      'Too many runs were started, or too many authentication attempts failed, within one minute.',
    action:
      'Retry after the seconds in `Retry-After`. The setting startsPerMinute limits the starts.',
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
  CERTIFICATE_NOT_FOUND: {
    status: 404,
    recovery: 'fatal',
    meaning: 'There is no certificate: no reconcile of the table has ended, or it has expired.',
    action: 'Reconcile the table: POST sync-table {"tableId": …, "mode": "reconcile"}.',
  },
  DELETES_NOT_HELD: {
    status: 409,
    recovery: 'fatal',
    meaning: 'No list of deletes with this hash is waiting for a confirmation.',
    action:
      'Take the hash from `heldDeletes` of GET sync-reconcile. If it is null, reconcile the table again with `"repair": true`.',
  },
  SYNC_RUNNING: {
    status: 409,
    recovery: 'fatal',
    meaning: 'A run of this table is active; each table has one run at a time.',
    action: 'Wait for the job that `details` names, then start the sync again.',
    retryAfterS: 30,
  },
  SYNC_CANCELED: {
    status: 409,
    recovery: 'fatal',
    meaning: 'The run was canceled.',
    action:
      'No action is needed: the rows written so far are correct, and the next run continues from the watermark.',
  },
  JOB_ENDED: {
    status: 409,
    recovery: 'fatal',
    meaning: 'The job has ended or is about to.',
    action: 'No action is needed: there is nothing left to cancel.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    recovery: 'fatal',
    meaning: 'The request to start a worker was not signed by this backend.',
    action: 'Only the backend itself starts workers. To start a sync, POST sync-table.',
  },
  SYNC_SUPERSEDED: {
    status: 409,
    recovery: 'fatal',
    meaning: 'Another worker or a cancellation ended or took over the run.',
    action:
      'No action is needed: the rows written so far are correct. GET sync-status shows the state of the job.',
  },
  EARLIER_DATA: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The target collection holds documents that this backend did not write; every row would be stored twice.',
    action:
      'Run `npm run db:adopt`, which moves them to `<collection>_before`, then start the sync again.',
  },
  SOURCE_CHANGED: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The table was synced from another tenant or gateway before; its watermark is not valid for this one.',
    action:
      'If this is intended, POST sync-control {"tableId": …, "action": "confirm-source"}: the rows of the other tenant are moved aside, and the next run is a full one.',
  },
  RUN_OUTDATED: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The table definition or the configured warehouses changed while the run was under way.',
    action: 'Start the sync again, or wait for the schedule. The new run uses the new definition.',
  },
  RUN_STUCK: {
    status: 504,
    recovery: 'fatal',
    meaning: 'The run was resumed repeatedly for 90 minutes without any progress.',
    action:
      'No data is lost: the next run reads the same range again. Check the log of the functions for the reason why workers end, and try a smaller batchSize, which needs less memory and time.',
  },
  START_REFUSED: {
    status: 503,
    recovery: 'fatal',
    meaning: 'Runs of at least one scheduled table cannot be started.',
    action:
      'Follow the remedy in `refused` for each table, then POST sync-table, or sync-control with the action resume.',
  },
  SCHEDULE_OVERDUE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'No pass of the schedule has ended for more than 15 minutes: due tables are not started, and interrupted runs are not resumed.',
    action:
      'Check in Netlify that the deploy is published, and read the log of scheduled-sync. Until the schedule works again, POST sync-run-due runs one pass.',
  },
  TABLES_OVERDUE: {
    status: 503,
    recovery: 'fatal',
    meaning: 'A scheduled table has been due for more than 15 minutes without a run being started.',
    action:
      'Search the log of scheduled-sync for the tables that `overdue` lists. POST sync-table starts a run, and its answer names the cause if it cannot.',
  },
  DATA_STALE: {
    status: 503,
    recovery: 'fatal',
    meaning: 'An enabled table has received no change for longer than freshnessLimitMinutes.',
    action:
      'Check the last runs of the tables that `stale` lists, and whether the lake still receives data. If the table changes rarely, raise the limit.',
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
      'Copy the connection string of the cluster again. User and password must be percent-encoded, and mongodb+srv:// takes no port.',
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
    meaning: 'An environment variable has an invalid value.',
    action: 'Correct the variable that `details` names.',
  },
  ION_CREDENTIALS_MISSING: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'No ION credentials are configured: neither ION_* variables, nor ION_CREDENTIALS, nor an .ionapi file.',
    action:
      'Set the ION_* variables, or ION_CREDENTIALS to the content of the downloaded file, or put the downloaded file at ION_Credentials/IONAPI_CREDENTIALS.ionapi.',
  },
  ION_CREDENTIALS_INCOMPLETE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'The ION credentials are incomplete. They are read from ION_CREDENTIALS, else from the ION_* variables if one of them is set, else from the file.',
    action: 'Add what `details` names, or remove every ION_* variable to use the file.',
  },
  ION_CREDENTIALS_CONFLICTING: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The ION credentials are set twice, with different values.',
    action: 'Remove the variables that `details` names, or correct them.',
  },
  ION_CREDENTIALS_MALFORMED: {
    status: 503,
    recovery: 'fatal',
    meaning: 'A value of the ION credentials is malformed, or the file is not a JSON object.',
    action: 'Correct what `details` names, or download the .ionapi file again.',
  },
  ION_CREDENTIALS_INTERACTIVE: {
    status: 503,
    recovery: 'fatal',
    meaning:
      'The .ionapi file belongs to an app without a service account (it has no saak and sask); such an app requires an interactive login.',
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
    meaning: 'The gateway refused a newly issued token.',
    action:
      'Check that ION_API_URL, ION_SSO_URL and ION_TENANT belong together and that the app may use Data Fabric.',
  },

  // The lake
  LAKE_UNREACHABLE: {
    status: 502,
    recovery: 'retriable',
    meaning:
      'The Infor gateway could not be reached: name resolution, connection or transfer failed.',
    action:
      'No action is needed if it recovers. Otherwise check ION_API_URL, ION_SSO_URL and the network.',
  },
  LAKE_TIMEOUT: {
    status: 504,
    recovery: 'retriable',
    meaning: 'The Infor gateway did not answer in time.',
    action: 'No action is needed if it recovers. A smaller batchSize makes each page faster.',
  },
  LAKE_QUOTA: {
    status: 503,
    recovery: 'retriable',
    meaning: "The tenant's quota of API calls is exhausted for now.",
    action:
      'No action is needed: a run waits up to an hour for the quota to recover. If it persists, sync less often, or find out which other clients use the quota.',
    retryAfterS: 60,
  },
  LAKE_SERVER_ERROR: {
    status: 502,
    recovery: 'retriable',
    meaning: 'The Infor gateway answered with a server error.',
    action:
      'No action is needed if it recovers. Otherwise report it to Infor with the text in `details`.',
  },
  LAKE_BAD_ANSWER: {
    status: 502,
    recovery: 'retriable',
    meaning: "The lake's answer does not conform to its API.",
    action:
      'No action is needed if it recovers. Otherwise report it to Infor with the text in `details`.',
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
    meaning: 'The lake could not run the query; `details` has its reason, line and position.',
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
    meaning: "The query exceeded the lake's time limit for queries.",
    action: 'Start the sync again. If it persists, sync fewer warehouses at a time.',
  },
  LAKE_RESULT_LOST: {
    status: 502,
    recovery: 'skippable',
    meaning: 'The lake no longer has the result of the query.',
    action: 'No action is needed: the query is sent again.',
  },
  LAKE_RESULT_UNPROVEN: {
    status: 502,
    recovery: 'skippable',
    meaning:
      'The rows that the lake delivered do not match the totals that it stated, and a second query did not resolve the difference.',
    action:
      'No data is lost: the watermark has not moved, and the next run reads the same range again. If it persists, report the totals in `details` to Infor.',
  },
  LAKE_TIMES_WENT_BACK: {
    status: 409,
    recovery: 'fatal',
    meaning:
      'The lake shows rows with older index times than the versions stored in MongoDB, so those rows could not be updated.',
    action:
      'Rebuild the table: POST sync-table {"tableId": …, "mode": "full", "rebuild": true}. It replaces every stored version with the present one.',
  },
  ALL_ROWS_REJECTED: {
    status: 502,
    recovery: 'fatal',
    meaning: 'None of the rows that the run read could be stored.',
    action:
      'GET sync-rejects shows the reasons. If all rows of the table are affected, its key columns have probably changed in the lake. No data is lost: the watermark has not moved, and the next run reads the same rows again.',
  },

  // MongoDB
  MONGODB_UNREACHABLE: {
    status: 503,
    recovery: 'retriable',
    meaning: 'MongoDB cannot be reached.',
    action:
      'No action is needed if it recovers. Otherwise check that the cluster is running (Atlas pauses unused ones: resume it there), that its network access list admits this site, and the host in MONGODB_URI.',
    retryAfterS: 30,
  },
  MONGODB_AUTH_REFUSED: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MongoDB refused the login, or the user lacks a privilege.',
    action:
      'If the login failed, correct user, password and authSource in MONGODB_URI. If a privilege is missing, grant the user readWrite on the database.',
  },
  MONGODB_BUSY: {
    status: 503,
    recovery: 'retriable',
    meaning:
      'MongoDB could not run the operation at the moment (election, write conflict, shutdown, all connections in use).',
    action: 'No action is needed: the operation is retried.',
    retryAfterS: 5,
  },
  MONGODB_FULL: {
    status: 503,
    recovery: 'fatal',
    meaning: 'MongoDB has no space left: the quota of the cluster is used up or its disk is full.',
    action:
      'Free space or enlarge the cluster (Atlas Free is limited to 512 MB); the next run continues from the watermark.',
  },
  MONGODB_TOO_MANY_COLLECTIONS: {
    status: 503,
    recovery: 'fatal',
    meaning: 'The MongoDB cluster has reached its limit of collections.',
    action:
      'Drop unused collections in any database of the cluster (those named …_before are copies of earlier data), or enlarge the cluster; Atlas Free is limited to 500 collections.',
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
      'An index that correctness depends on is missing: it was not created yet, or MongoDB refused to create it.',
    action:
      'Run `npm run db:indexes` as a user with the privilege to create indexes. The first sync creates it as well.',
  },

  // The backend itself
  OUT_OF_TIME: {
    status: 504,
    recovery: 'retriable',
    meaning: 'The call reached its time limit while retrying after a transient failure.',
    action:
      'If a job is running, no action is needed: its next slice continues. Otherwise send the request again.',
    retryAfterS: 5,
  },
  INTERNAL: {
    status: 500,
    recovery: 'fatal',
    meaning: 'An unexpected error in the backend.',
    action: 'Report it with the requestId; the log has the details under that id.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The entry of a code, with the literal types widened. */
export function entryOf(code: ErrorCode): ErrorCodeEntry {
  return ERROR_CODES[code];
}
