import { ionVariables, type Lake, type LakeObject, startLake } from '../../dev/lake/index.js';
import { type App, createApp } from '../../src/app.js';
import type { SyncContext } from '../../src/sync/context.js';

/** A backend of another tenant that is connected to the same database. Started when it is needed. */
export class Stranger {
  readonly #objects: readonly LakeObject[];
  #started: Promise<{ lake: Lake; app: App }> | undefined;

  constructor(objects: readonly LakeObject[]) {
    this.#objects = objects;
  }

  async context(): Promise<SyncContext> {
    this.#started ??= this.#start();
    return (await this.#started).app.sync();
  }

  async close(): Promise<void> {
    const { lake, app } = (await this.#started) ?? {};
    await app?.close();
    await lake?.close();
  }

  async #start() {
    const lake = await startLake({ tenant: 'OTHER_TST', rows: 0, objects: this.#objects });
    return { lake, app: createApp({ ...process.env, ...ionVariables(lake) }) };
  }
}
