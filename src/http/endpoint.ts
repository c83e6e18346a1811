import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Settings } from '../config/environment.js';
import type { JsonLines } from './json-lines.js';
import type { TextBody } from './text-body.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Who may send a request: anyone, or the holder of a token with read or write access. */
export type Access = 'none' | 'read' | 'write';

/** Who sent a request, as named in logs and records. */
export interface Caller {
  /** The name of the token; `anyone` if none is required. */
  readonly name: string;
  readonly may: 'read' | 'write';
}

export interface Call<Services, Query, Body> {
  readonly query: Query;
  readonly body: Body;
  /** Created at the first use, so that an endpoint that doesn't need them starts immediately. */
  readonly services: () => Promise<Services>;
  readonly settings: Settings;
  readonly log: Logger;
  readonly requestId: string;
  /** Undefined if the method is open to anyone. */
  readonly caller: Caller | undefined;
  /** The client's, if the platform provides it. */
  readonly address: string | undefined;
  readonly headers: Headers;
  /**
   * The base URL of this deploy's functions, e.g. `https://example.netlify.app`;
   * undefined if no address is known to belong to the site.
   */
  readonly siteUrl: string | undefined;
  /** Why scheduled work and workers do nothing on this deploy; undefined if they work. */
  readonly idle: string | undefined;
}

/** What a request has changed, for the audit. */
export interface Change {
  /** E.g. `config.update`. */
  readonly action: string;
  /** A tableId, the id of a job or an entry, the key of a setting. */
  readonly target: string | null;
  readonly tableId?: string;
  /** The previous values of the fields that differ. Never a secret. */
  readonly before?: Readonly<Record<string, unknown>>;
  /** The new values of the same fields. */
  readonly after?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly body: Readonly<Record<string, unknown>> | readonly unknown[] | JsonLines | TextBody;
  /** Besides those that every answer has, e.g. `ETag`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface MethodSpec<Services, Query = unknown, Body = unknown> {
  readonly access:
    | Access
    | ((query: Readonly<Record<string, string>>, request: Request) => Access | Promise<Access>);
  readonly query?: z.ZodType<Query>;
  /**
   * Whether a request is accepted, by its raw body, before any of it is parsed.
   * Requires `maxBodyBytes`.
   */
  admits?(text: string, headers: Headers, services: () => Promise<Services>): Promise<boolean>;
  /** Default 64 KiB. */
  readonly maxBodyBytes?: number;
  /** A method with a body accepts `application/json` only. */
  readonly body?: z.ZodType<Body>;
  /** Method shorthand (bivariant) on purpose: one record holds the specs of all input types. */
  handle(call: Call<Services, Query, Body>): Promise<Answer>;
}

export interface Endpoint<Services> {
  readonly name: string;
  /**
   * Requests that need no token are answered even if an environment variable has a wrong value;
   * they then get the settings of an empty environment.
   */
  readonly anySettings?: true;
  /** HEAD is answered like GET, without the body. */
  readonly methods: Partial<Readonly<Record<Method, MethodSpec<Services>>>>;
}
