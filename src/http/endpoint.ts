import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Settings } from '../config/environment.js';
import type { JsonLines } from './json-lines.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Who may send a request: anybody, or the holder of a token that may read or write. */
export type Access = 'none' | 'read' | 'write';

/** Who sends a request, as logs and records name him. */
export interface Caller {
  /** The name of the token; `anyone` where none is asked for. */
  readonly name: string;
  readonly may: 'read' | 'write';
}

export interface Call<Services, Query, Body> {
  readonly query: Query;
  readonly body: Body;
  /** Made at the first use, so that an endpoint that needs none of it starts at once. */
  readonly services: () => Promise<Services>;
  readonly settings: Settings;
  readonly log: Logger;
  readonly requestId: string;
  /** Undefined where the method is open to anybody. */
  readonly caller: Caller | undefined;
  /** The client's, where the platform tells it. */
  readonly address: string | undefined;
  readonly headers: Headers;
  /**
   * Where the functions of this deploy are reached, e.g. `https://example.netlify.app`;
   * undefined where no address is known to be ours.
   */
  readonly siteUrl: string | undefined;
}

/** What a request has changed, for the audit. */
export interface Change {
  /** E.g. `config.update`. */
  readonly action: string;
  /** A tableId, the id of a job or an entry, the key of a setting. */
  readonly target: string | null;
  readonly tableId?: string;
  /** The fields that differ, as they were. Never a secret. */
  readonly before?: Readonly<Record<string, unknown>>;
  /** The same fields as they are now. */
  readonly after?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly body: Readonly<Record<string, unknown>> | readonly unknown[] | JsonLines;
}

export interface MethodSpec<Services, Query = unknown, Body = unknown> {
  readonly access:
    | Access
    | ((query: Readonly<Record<string, string>>, request: Request) => Access | Promise<Access>);
  readonly query?: z.ZodType<Query>;
  /**
   * Whether a request is let in, by its body as it came, before anything of it is parsed.
   * Where it is given, `maxBodyBytes` is too.
   */
  admits?(text: string, headers: Headers, services: () => Promise<Services>): Promise<boolean>;
  /** Default 64 KiB. */
  readonly maxBodyBytes?: number;
  /** A method with a body takes `application/json` only. */
  readonly body?: z.ZodType<Body>;
  /** Method shorthand on purpose: specs of all inputs go into one table. */
  handle(call: Call<Services, Query, Body>): Promise<Answer>;
}

export interface Endpoint<Services> {
  readonly name: string;
  /**
   * Requests that need no token are answered although a variable of the environment has a wrong
   * value; they then get the settings of an empty one.
   */
  readonly anySettings?: true;
  /** HEAD is answered as GET is, without the body. */
  readonly methods: Partial<Readonly<Record<Method, MethodSpec<Services>>>>;
}
