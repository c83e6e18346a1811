import { randomBytes } from 'node:crypto';
import type { LakeClock } from '../clock.js';

interface Issued {
  readonly lakeMs: number;
  readonly wallMs: number;
  readonly lifetimeMs: number;
}

/** The access tokens that the authorisation server has given out. */
export class AccessTokens {
  readonly #clock: LakeClock;
  readonly #access = new Map<string, Issued>();
  readonly #refresh = new Set<string>();

  constructor(clock: LakeClock) {
    this.#clock = clock;
  }

  issue(lifetimeSeconds: number): string {
    const token = randomBytes(24).toString('base64url');
    this.#access.set(token, {
      lakeMs: this.#clock.now().getTime(),
      wallMs: Date.now(),
      lifetimeMs: lifetimeSeconds * 1000,
    });
    return token;
  }

  issueRefresh(): string {
    const token = randomBytes(24).toString('base64url');
    this.#refresh.add(token);
    return token;
  }

  knowsRefresh(token: string): boolean {
    return this.#refresh.has(token);
  }

  /** By the lake's clock or the wall clock, whichever expires the token first. */
  isValid(token: string): boolean {
    const issued = this.#access.get(token);
    if (issued === undefined) return false;
    const age = Math.max(this.#clock.now().getTime() - issued.lakeMs, Date.now() - issued.wallMs);
    return age < issued.lifetimeMs;
  }

  expireAll(): number {
    const count = this.#access.size;
    this.#access.clear();
    return count;
  }
}
