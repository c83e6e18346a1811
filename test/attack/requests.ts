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
const IDS = ['0123456789abcdef01234567', 'ffffffffffffffffffffffff', '0123456789ABCDEF01234567'];

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
const id = fc.constantFrom(...IDS);
const date = fc.constantFrom('2026-01-01', '2026-01-15T08:00:00Z', '2025-12-31T23:59:59+05:30');
const flag = fc.boolean();

/** Fields of the API's bodies, with values that fit. */
const FIELDS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  tableId: table,
  tableName: fc.constantFrom('Task Detail', 'x'),
  description: fc.constantFrom('looked at', ''),
  mode: fc.constantFrom('full', 'incremental', 'backfill'),
  rebuild: flag,
  force: flag,
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
  ),
  action: fc.constantFrom('cancel', 'pause', 'resume', 'retry', 'confirm-source'),
  jobId: id,
  historyId: id,
  syncJobId: id,
  ids: fc.constantFrom<unknown>([IDS[0]], IDS),
  key: fc.constantFrom('freshnessLimitMinutes', 'startsPerMinute', 'alertWebhookUrl'),
  value: fc.constantFrom<unknown>(null, 60, 'http://127.0.0.1:9/hook'),
  status: fc.constantFrom('pending', 'in_progress', 'completed', 'failed'),
  startTime: date,
  endTime: date,
  duration: plainNumber,
  recordsProcessed: plainNumber,
  error: fc.constantFrom<unknown>(null, 'a text', { code: 'X', message: 'y' }),
  errorDetails: fc.constantFrom<unknown>(null, ['x']),
};
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

/** Mostly what fits, so that requests get past the first check; in each place now and then what doesn't. */
const mostly = <T>(fitting: fc.Arbitrary<T>, hostile: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: fitting, weight: 4 }, { arbitrary: hostile, weight: 1 });

/** What a form, a script or a client's bug makes of a field. */
const misfit = fc.oneof(hostileText, hostileNumber, hostileObject, fc.constantFrom(null, true));

function someOf(
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  hostile: fc.Arbitrary<unknown>,
): fc.Arbitrary<[string, unknown][]> {
  const known = Object.entries(fields).map(([name, value]) =>
    fc.tuple(fc.constant(name), mostly(value, hostile)),
  );
  const unknown = fc.tuple(hostileText, hostile);
  return fc.array(mostly(fc.oneof(...known), unknown) as fc.Arbitrary<[string, unknown]>, {
    maxLength: 5,
  });
}

const jsonBody = someOf(FIELDS, misfit).map((entries) => {
  // By hand: `__proto__` stays a name, and a name may come twice.
  const fields = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${fields.join(',')}}`;
});
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
    weight: 5,
    arbitrary: someOf(QUERY, hostileText).map((entries) =>
      entries.map(([name, value]) => `${encode(name)}=${encode(String(value))}`).join('&'),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '%',
      '%ff=%fe',
      '&&&',
      '=',
      'a=%ZZ',
      '__proto__=1',
      'tableId[$gt]=',
      '?',
    ),
  },
);

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
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
    headerText,
    { maxKeys: 3 },
  );
  return fc.tuple(authorization, type, more).map(([token, contentType, others]) => ({
    ...others,
    ...(token !== undefined && { authorization: token }),
    ...(contentType !== '' && { 'content-type': contentType }),
  }));
}

/** Requests of the kind that a scanner, a hostile client or a broken frontend sends. */
export function attackRequests(known: Known): fc.Arbitrary<AttackRequest> {
  const method = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE') },
    { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PATCH', 'PROPFIND', 'TRACE') },
  );
  const path = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...known.functions).map((name) => `/api/${name}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '/.netlify/functions/health/',
        '/api/',
        '/api/nope',
        '/api/..%2f..%2f.env',
        '/.env',
        '//',
      ),
    },
  );
  const body = fc.oneof(
    { weight: 8, arbitrary: jsonBody as fc.Arbitrary<string | Buffer> },
    { weight: 1, arbitrary: rawBody },
  );
  return fc
    .record({ method, path, query: queryText, headers: headersFor(known), body })
    .map(({ path: place, query, ...request }) => ({
      ...request,
      body: ['POST', 'PUT', 'DELETE', 'PATCH'].includes(request.method) ? request.body : undefined,
      target: query === '' ? place : `${place}?${query}`,
    }));
}
