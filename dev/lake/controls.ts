import type { LakeClock } from './clock.js';
import type { Faults } from './faults/faults.js';
import type { Quotas } from './faults/quotas.js';
import type { AccessTokens } from './http/access-tokens.js';
import type { RequestLog } from './http/request-log.js';
import type { Jobs } from './jobs/jobs.js';
import type { LakeStore } from './lake-store.js';
import type { Settings } from './settings.js';
import type { Change } from './store/variations.js';
import type { LakeControls, WriteOptions } from './types.js';

interface Parts {
  readonly clock: LakeClock;
  readonly settings: Settings;
  readonly store: LakeStore;
  readonly jobs: Jobs;
  readonly tokens: AccessTokens;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly quotas: Quotas;
}

/** The controls of one lake. None of them needs `this`. */
export function lakeControls(parts: Parts): LakeControls {
  const { clock, settings, store, jobs, tokens, log, faults, quotas } = parts;
  const indexedAt = ({ at }: WriteOptions = {}) => {
    const { indexOffsetMs, microseconds } = settings.now();
    const indexed = at ?? clock.now().getTime() + indexOffsetMs;
    const shown = new Date(indexed).toISOString();
    return microseconds ? shown.replace('Z', '457Z') : shown;
  };
  const change = (object: string, what: Change) =>
    store.change(object, what, settings.now().visibilityDelayMs);
  return {
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    configure: (changes) => settings.change(changes),
    defineObject: (object) => store.define([object]),
    addColumn: (object, column) => store.addColumn(object, column),
    insert: (object, rows, options) =>
      store.insert(object, rows, indexedAt(options), settings.now().visibilityDelayMs),
    edit: (object, where, changes, options) =>
      change(object, { kind: 'edit', where, changes, at: indexedAt(options) }),
    delete: (object, where, { keysOnly = false, ...options } = {}) =>
      change(object, {
        kind: 'delete',
        where,
        changes: {},
        keysOnly,
        at: indexedAt(options),
      }),
    revive: (object, where, changes = {}, options = {}) =>
      change(object, { kind: 'revive', where, changes, at: indexedAt(options) }),
    hide: (object, where) => store.setHidden(object, where, true),
    show: (object, where = {}) => store.setHidden(object, where, false),
    rows: (object, options = {}) => store.rows(object, options),
    variations: (object, options = {}) => store.variations(object, options.where),
    requests: () => log.entries,
    clearRequests: () => log.clear(),
    forgetResult: (queryId) => jobs.forget(queryId),
    expireTokens: () => tokens.expireAll(),
    fault: (fault) => faults.add(fault),
    faults: () => faults.states,
    clearFaults: () => faults.clear(),
    quotaCounts: () => quotas.counts,
  };
}
