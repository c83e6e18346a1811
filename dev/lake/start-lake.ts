import { LakeClock } from './clock.js';
import { lakeControls } from './controls.js';
import { lakeCredentials, TENANT } from './credentials.js';
import { Faults } from './faults/faults.js';
import { answerWithFaults, type Handle } from './faults/faulty-gateway.js';
import { AnsweredPages } from './faults/page-faults.js';
import { Quotas } from './faults/quotas.js';
import { AccessTokens } from './http/access-tokens.js';
import { Compass } from './http/compass.js';
import { answerControl } from './http/control-endpoint.js';
import { describeCall } from './http/describe-call.js';
import { answerCall } from './http/gateway.js';
import { RequestLog } from './http/request-log.js';
import { routesOf } from './http/routes.js';
import { startServer } from './http/server.js';
import { Jobs } from './jobs/jobs.js';
import { LakeStore } from './lake-store.js';
import { Settings } from './settings.js';
import { temporaryFolder } from './temporary-folder.js';
import type { CallListener, Lake, LakeObject, LakeOptions } from './types.js';
import { WMS_OBJECTS } from './wms/objects.js';

/**
 * Starts a lake on 127.0.0.1, in this process and in memory but for a temporary folder with
 * results. With the default 22,000 rows it takes about a third of a second.
 */
export async function startLake(options: LakeOptions = {}): Promise<Lake> {
  const { tenant = TENANT } = options;
  const findRoute = routesOf(tenant);
  const clock = new LakeClock(options.now ?? '2026-01-15T08:00:00.000Z', {
    running: options.clockRuns ?? false,
  });
  const settings = new Settings(options);
  const folder = await temporaryFolder();
  const store = await openStore(folder.path, { ...options, tenant }, clock);
  const jobs = new Jobs({
    database: store.database,
    registry: store.registry,
    settleWrites: (sql) => store.settleWrites(sql),
    clock,
    settings: settings.now,
    folder: folder.path,
  });
  const tokens = new AccessTokens(clock);
  const log = new RequestLog();
  const faults = new Faults();
  const faulty = { faults, jobs, pages: new AnsweredPages() };
  const quotas = new Quotas(settings.now);
  const controls = lakeControls({ clock, settings, store, jobs, tokens, log, faults, quotas });
  const compass = new Compass(jobs, settings.now);
  const credentials = () => lakeCredentials(server.url, tenant);
  const gateway = { credentials, settings: settings.now, tokens, compass, quotas };
  const answer: Handle = (call, plan) => answerCall(call, gateway, plan);
  let listener: CallListener | undefined;
  const server = await startServer(options.port ?? 0, {
    log,
    findRoute,
    gateway: async (call) => {
      const described = describeCall(call, jobs);
      if (described) await listener?.(described);
      return answerWithFaults(call, faulty, answer);
    },
    control: (call) => answerControl(call, { ...controls, credentials }),
  });
  const stop = async () => {
    await server.close();
    await jobs.close();
    await store.close();
    await folder.remove();
  };
  let stopped: Promise<void> | undefined;
  return {
    ...controls,
    url: server.url,
    credentials: credentials(),
    get requests() {
      return log.entries;
    },
    beforeCall(given) {
      listener = given;
    },
    close() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Up to so many rows, two threads would wait for each other longer than they work. */
const SMALL = 10_000;

async function openStore(
  folder: string,
  {
    tenant,
    rows = 22_000,
    seed = 1,
    indexBatch = 1,
    objects = [],
  }: LakeOptions & { tenant: string },
  clock: LakeClock,
): Promise<LakeStore> {
  const replaced = new Set(objects.map((object) => object.name.toLowerCase()));
  const wms: LakeObject[] = WMS_OBJECTS.filter(({ name }) => !replaced.has(name.toLowerCase()));
  const store = await LakeStore.open({ folder, tenant, clock, threads: rows > SMALL ? 2 : 1 });
  await store.define([...wms, ...objects]);
  if (rows > 0) store.seed(wms, { rows, seed, indexBatch, nowMs: clock.now().getTime() });
  // Of a small lake, an object is filled when it is first named: most tests look at one or two.
  if (rows > SMALL) await store.fill(wms.map(({ name }) => name));
  return store;
}
