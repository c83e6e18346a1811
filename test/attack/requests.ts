import fc from 'fast-check';

/** A request as it goes over the wire. */
export interface AttackRequest {
  readonly method: string;
  /** Path and query, percent-encoded or not. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** What the site accepts, so that not every request ends at the first check. */
export interface Known {
  readonly functions: readonly string[];
  readonly writeToken: string;
  readonly readToken: string;
}

const TABLES = ['taskdetail', 'orders', 'receipt', 'receiptdetail', 'orderdetail'];
/** Stand for the id of a job and of a history entry that are stored when the request is sent. */
export const JOB_ID = 'aaaaaaaaaaaaaaaaaaaaaaaa';
export const HISTORY_ID = 'bbbbbbbbbbbbbbbbbbbbbbbb';

/** Texts that have broken somebody's parser, query, log, page or terminal. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  "' OR '1'='1",
  '"; DROP TABLE x; --',
  '{"$gt":""}',
  '$where',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  '\u202eevil',
  '\u{1F69A}'.repeat(50),
  '\ud800',
  '%00%0d%0aSet-Cookie: a=b',
  '../../../../etc/passwd',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is what is sent
  '${jndi:ldap://127.0.0.1/a}',
  '\u001b[31mred\u001b[0m\r\nforged line',
  'x'.repeat(5_000),
  '<'.repeat(20_000),
  '1e999',
  '-0',
  '9007199254740993',
  '2025-02-30',
  '0000-00-00T00:00:00Z',
  'NaN',
  'null',
  'true',
];
const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const hostileNumber = fc.oneof(
  fc.constantFrom(-1, 0, 0.5, 1e21, -1e308, Number.MAX_SAFE_INTEGER, 2 ** 31, 1e-9),
  fc.integer(),
);
const plainNumber = fc.constantFrom(1, 5, 10, 60, 100);

/** JSON that MongoDB's driver, JavaScript or a recursive walk could take for something else. */
const hostileObject = fc.oneof(
  fc.constantFrom<unknown>(
    { $gt: '' },
    { $where: 'sleep(1000)' },
    { _bsontype: 'ObjectId' },
    { _bsontype: 'Code', code: 'x' },
    { 'a.b': 1 },
    { a: { $set: 1 } },
    { 'x\0y': 1 },
    { toString: 1, valueOf: 1, hasOwnProperty: 1 },
    { toJSON: 'x', length: -1 },
    [],
    {},
    Array.from({ length: 300 }, (_, index) => index),
    deep(15),
    deep(200),
  ),
  fc.jsonValue({ maxDepth: 4 }),
);

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) };
}

const table = fc.constantFrom(...TABLES);
const date = fc.constantFrom('2026-01-01', '2026-01-15T08:00:00Z', '2025-12-31T23:59:59+05:30');
const flag = fc.boolean();
/** Ids that nothing has, and what the sender replaces by one that something has. */
const id = fc.constantFrom('0123456789abcdef01234567', JOB_ID, HISTORY_ID);

/** Fields of the API's bodies, with values that fit. */
const FIELDS = {
  tableId: table,
  tableName: fc.constantFrom('Task Detail', 'x'),
  description: fc.constantFrom('looked at', ''),
  mode: fc.constantFrom('full', 'incremental', 'backfill', 'reconcile'),
  rebuild: flag,
  force: flag,
  wait: fc.constantFrom(0, 1),
  enabled: flag,
  initialSync: flag,
  whseid: fc.constantFrom<unknown>('wmwhse1', ['wmwhse1', 'wmwhse2']),
  startDate: date,
  endDate: date,
  dateColumn: fc.constantFrom('ADDDATE', 'EDITDATE'),
  batchSize: plainNumber,
  maxRecords: plainNumber,
  syncFrequency: plainNumber,
  lookbackMinutes: plainNumber,
  maxWorkers: fc.constantFrom(1, 2),
  options: fc.constantFrom<unknown>(
    {},
    { whseid: 'wmwhse1' },
    { deleteMode: 'hard' },
    { columns: { QTY: 'text' } },
    { deleteGuard: { percent: 5 } },
  ),
  action: fc.constantFrom(
    'cancel',
    'pause',
    'resume',
    'retry',
    'confirm-source',
    'confirm-deletes',
    'discard-deletes',
  ),
  hash: fc.constant('a'.repeat(64)),
  reconcileFrequency: plainNumber,
  reconcileRepair: flag,
  repair: flag,
  jobId: id,
  syncJobId: id,
  ids: fc.tuple(id),
  key: fc.constantFrom('freshnessLimitMinutes', 'alertWebhookUrl'),
  value: fc.constantFrom<unknown>(null, 60, 'http://127.0.0.1:9/hook'),
  status: fc.constantFrom('pending', 'in_progress', 'completed', 'failed'),
  startTime: date,
  endTime: date,
  duration: plainNumber,
  recordsProcessed: plainNumber,
  error: fc.constantFrom<unknown>(null, 'a text', { code: 'X', message: 'y' }),
  errorDetails: fc.constantFrom<unknown>(null, ['x']),
} satisfies Record<string, fc.Arbitrary<unknown>>;
type Field = keyof typeof FIELDS;

/** Names that any query may have. */
const QUERY: Readonly<Record<string, fc.Arbitrary<string>>> = {
  tableId: table,
  jobId: id,
  historyId: id,
  page: fc.constantFrom('1', '2', '999999'),
  limit: fc.constantFrom('1', '100'),
  deep: fc.constantFrom('0', '1'),
  reason: fc.constant('number_invalid'),
  state: fc.constantFrom('open', 'resolved', 'all'),
  status: fc.constantFrom('completed', 'failed'),
  action: fc.constant('config.update'),
  caller: fc.constant('ops'),
  from: date,
  to: date,
  cursor: fc.constantFrom('x', 'eyJhIjoxfQ'),
};

interface Shape {
  readonly required: readonly Field[];
  readonly optional: readonly Field[];
  /** Without it the request is refused. */
  readonly query?: string;
}

const SETTINGS = [
  'description',
  'enabled',
  'initialSync',
  'syncFrequency',
  'lookbackMinutes',
  'batchSize',
  'maxRecords',
  'maxWorkers',
  'reconcileFrequency',
  'reconcileRepair',
  'options',
] as const satisfies readonly Field[];
const RUN_FACTS = ['startTime', 'endTime', 'duration', 'recordsProcessed', 'error'] as const;

/** What endpoints take in a body; an endpoint that is not among them is read only. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'POST sync-table': {
    required: ['tableId'],
    optional: [
      ...([
        'mode',
        'rebuild',
        'repair',
        'force',
        'wait',
        'whseid',
        'startDate',
        'endDate',
      ] as const),
      ...(['dateColumn', 'batchSize', 'maxRecords'] as const),
    ],
  },
  'POST sync-config': { required: ['tableId'], optional: SETTINGS },
  'PUT sync-config': { required: ['tableId'], optional: SETTINGS },
  'DELETE sync-config': { required: [], optional: [], query: 'tableId=taskdetail' },
  'POST sync-control': { required: ['action', 'tableId', 'jobId'], optional: ['hash'] },
  'PUT sync-settings': { required: ['key', 'value'], optional: [] },
  'POST sync-history': {
    required: ['tableId', 'tableName', 'syncJobId', 'status'],
    optional: [...RUN_FACTS, 'errorDetails', 'options'],
  },
  'PUT update-sync-history': {
    required: ['status'],
    optional: [...RUN_FACTS, 'errorDetails', 'options'],
    query: `id=${HISTORY_ID}`,
  },
  'POST sync-rejects': { required: ['action'], optional: ['tableId', 'ids'] },
  'POST init-sync-config': { required: [], optional: ['whseid', 'enabled', 'batchSize'] },
  'POST sync-run-due': { required: [], optional: [] },
  'POST scheduled-sync': { required: [], optional: [] },
  'POST sync-worker-background': { required: ['jobId'], optional: ['tableId'] },
};

/** What a form, a script or a client's bug makes of a field. */
const misfit = fc.oneof(hostileText, hostileNumber, hostileObject, fc.constantFrom(null, true));
const rarely = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: rare, weight: 1 });

function jsonBody({ required, optional }: Shape): fc.Arbitrary<string> {
  const field = (name: Field) =>
    fc.tuple(fc.constant<string>(name), rarely<unknown>(FIELDS[name], misfit));
  const extra = fc.tuple(hostileText, misfit);
  const parts = [
    fc.tuple(...required.map(field)),
    optional.length > 0
      ? fc.array(fc.oneof(...optional.map(field)), { maxLength: 3 })
      : fc.constant<[string, unknown][]>([]),
    rarely<[string, unknown][]>(fc.constant([]), fc.array(extra, { maxLength: 2 })),
  ] as const;
  return fc.tuple(...parts).map((groups) => {
    // By hand: `__proto__` stays a name, and a name may come twice.
    const fields = groups
      .flat()
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    return `{${fields.join(',')}}`;
  });
}

const rawBody = fc.oneof(
  fc.constantFrom<string | Buffer>(
    '',
    'null',
    '[]',
    '{"a":',
    '{"tableId":"orders"}}',
    '\ufeff{}',
    'tableId=orders',
    `{"description":"${'x'.repeat(70_000)}"}`,
    '['.repeat(30_000),
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.from('{"tableId":"\xff"}', 'latin1'),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

const queryText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(
        rarely(
          fc.oneof(
            ...Object.entries(QUERY).map(([name, value]) =>
              fc.tuple(fc.constant(name), rarely(value, hostileText)),
            ),
          ),
          fc.tuple(hostileText, hostileText),
        ),
        { maxLength: 3 },
      )
      .map((entries) =>
        entries.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&'),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('%', '%ff=%fe', '&&&', '=', 'a=%ZZ', '__proto__=1', 'tableId[$gt]='),
  },
);

/** Node refuses a request line beyond 16 KB by itself. */
function encode(text: string): string {
  return encodeURIComponent(text.slice(0, 500).toWellFormed());
}

/** Header values may hold no line break: the client itself refuses those. */
const headerText = hostileText.map((text) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 2_000));

function headersFor({ writeToken, readToken }: Known): fc.Arbitrary<Record<string, string>> {
  const authorization = fc.oneof(
    { weight: 8, arbitrary: fc.constant<string | undefined>(`Bearer ${writeToken}`) },
    { weight: 3, arbitrary: fc.constant(`bearer   ${readToken}`) },
    // Few: sixty a minute, and the address is refused whatever it sends.
    { weight: 1, arbitrary: fc.constantFrom(undefined, '', 'Bearer', 'Bearer x', 'Basic eDp5') },
  );
  const type = fc.oneof(
    { weight: 8, arbitrary: fc.constant('application/json') },
    { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', '') },
  );
  const more = fc.dictionary(
    fc.constantFrom(
      'origin',
      'x-request-id',
      'x-sync-signature',
      'x-nf-client-connection-ip',
      'x-forwarded-host',
      'x-http-method-override',
      'accept',
      'if-match',
      'idempotency-key',
      'sec-fetch-site',
    ),
    rarely(headerText, fc.constantFrom('"1"', '*', 'key', 'application/problem+json')),
    { maxKeys: 3 },
  );
  return fc.tuple(authorization, type, more).map(([token, contentType, others]) => ({
    ...others,
    ...(token !== undefined && { authorization: token }),
    ...(contentType !== '' && { 'content-type': contentType }),
  }));
}

/** A request that an endpoint takes, but for what may be spoiled of it. */
function fittingRequest(functions: readonly string[]) {
  const reads = functions.map((name) => `GET ${name}`);
  return fc.constantFrom(...reads, ...Object.keys(SHAPES), ...Object.keys(SHAPES)).chain((what) => {
    const [method = '', name = ''] = what.split(' ');
    const shape = SHAPES[what];
    const query =
      shape?.query === undefined ? queryText : rarely(fc.constant(shape.query), queryText);
    const body = shape
      ? rarely<string | Buffer | undefined>(jsonBody(shape), rawBody)
      : fc.constant(undefined);
    return fc.record({
      method: fc.constant(method),
      path: fc.constant(`/api/${name}`),
      query,
      body,
    });
  });
}

/** A request that no endpoint takes. */
function strayRequest(functions: readonly string[]) {
  const known = fc.constantFrom(...functions).map((name) => `/api/${name}`);
  const strange = fc.constantFrom(
    '/.netlify/functions/health/',
    '/api/',
    '/api/nope',
    '/api/..%2f..%2f.env',
    '/.env',
    '//',
  );
  return fc.record({
    method: fc.constantFrom(
      'POST',
      'PUT',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'PATCH',
      'PROPFIND',
      'TRACE',
    ),
    path: fc.oneof(known, strange),
    query: queryText,
    body: rawBody,
  });
}

/** Requests of the kind that a scanner, a hostile client or a broken frontend sends. */
export function attackRequests(known: Known): fc.Arbitrary<AttackRequest> {
  const request = fc.oneof(
    { weight: 6, arbitrary: fittingRequest(known.functions) },
    { weight: 1, arbitrary: strayRequest(known.functions) },
  );
  return fc.tuple(request, headersFor(known)).map(([{ method, path, query, body }, headers]) => ({
    method,
    headers,
    body: ['POST', 'PUT', 'DELETE', 'PATCH'].includes(method) ? body : undefined,
    target: query === '' ? path : `${path}?${query}`,
  }));
}
