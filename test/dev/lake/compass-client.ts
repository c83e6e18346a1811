import type { Lake } from '../../../dev/lake/index.js';

/** What a client of Infor does, over plain fetch. */
export class CompassClient {
  readonly #lake: Lake;
  #token: string | undefined;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  get base(): string {
    const { iu, ti } = this.#lake.credentials;
    return `${iu}/${ti}/DATAFABRIC/compass/v2`;
  }

  /** A token request with the lake's own credentials, changed as told. */
  async tokenRequest(change: { form?: Record<string, string>; basic?: string } = {}) {
    const { pu, ot, ci, cs, saak, sask } = this.#lake.credentials;
    const client = change.basic === undefined ? { client_id: ci, client_secret: cs } : {};
    const form = { grant_type: 'password', username: saak, password: sask, ...client };
    return fetch(pu + ot, {
      method: 'POST',
      headers: change.basic ? { Authorization: `Basic ${btoa(change.basic)}` } : {},
      body: new URLSearchParams({ ...form, ...change.form }),
    });
  }

  async token(): Promise<string> {
    this.#token ??= (await bodyOf(await this.tokenRequest())).access_token;
    return this.#token;
  }

  /** A call below the base of Compass, with a bearer token unless the headers say otherwise. */
  async call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${await this.token()}`, ...init.headers };
    return fetch(this.base + path, { ...init, headers });
  }

  async submit(sql: string): Promise<string> {
    const init = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: sql };
    return (await bodyOf(await this.call('/jobs/', init))).queryId;
  }

  status(queryId: string, timeout = 25): Promise<Response> {
    return this.call(`/jobs/${queryId}/status/?timeout=${timeout}`);
  }

  result(queryId: string, query = '', accept = 'application/json'): Promise<Response> {
    return this.call(`/jobs/${queryId}/result/${query}`, { headers: { Accept: accept } });
  }

  /** Submits and waits for the end; returns the query's id. */
  async ended(sql: string): Promise<string> {
    const queryId = await this.submit(sql);
    await this.status(queryId);
    return queryId;
  }

  /** The first page of a query that is expected to finish. */
  async rows(sql: string): Promise<Record<string, string>[]> {
    const queryId = await this.submit(sql);
    const { status } = await bodyOf(await this.status(queryId));
    const page = await pageOf(await this.result(queryId));
    if (status !== 'FINISHED') throw new Error(`${status}: ${JSON.stringify(page)}`);
    return page;
  }

  /** The error table of a query that is expected to fail. */
  async failure(sql: string): Promise<Record<string, string>> {
    const queryId = await this.submit(sql);
    const { status } = await bodyOf(await this.status(queryId));
    if (status !== 'FAILED') throw new Error(`${sql} is ${status}.`);
    return (await pageOf(await this.result(queryId)))[0] ?? {};
  }
}

/** What the answers of the lake hold, pages of rows aside. */
interface Body {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly queryId: string;
  readonly status: string;
  readonly columns: readonly { readonly name: string; readonly datatype: string }[];
}

export async function bodyOf(response: Response): Promise<Body> {
  // The lake is our own; a member that is missing is undefined, and the test says so.
  return (await response.json()) as Body;
}

export async function pageOf(response: Response): Promise<Record<string, string>[]> {
  // As above; rows of a typed object, which are not all text, are only compared.
  return (await response.json()) as Record<string, string>[];
}
