import type { mongo, Types } from 'mongoose';
import type { RowDocument } from '../../../src/models/row.js';

type Collection = mongo.Collection<RowDocument>;
type Write = (...parameters: unknown[]) => Promise<unknown>;

const WRITES = ['bulkWrite', 'replaceOne', 'updateOne'] as const;

/** A worker that stands still right before its first write, until it is let go. */
export class FrozenWorker {
  readonly jobId: Types.ObjectId;
  readonly #release: () => void;
  readonly #worker: Promise<unknown>;

  private constructor(jobId: Types.ObjectId, worker: Promise<unknown>, release: () => void) {
    this.jobId = jobId;
    this.#worker = worker;
    this.#release = release;
  }

  /**
   * @param work what the worker does
   * @returns undefined where it has come to its end without a write
   */
  static async of(
    jobId: Types.ObjectId,
    collection: Collection,
    work: () => Promise<unknown>,
  ): Promise<FrozenWorker | undefined> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let reach = () => {};
    const reached = new Promise<'frozen'>((resolve) => {
      reach = () => resolve('frozen');
    });
    const thaw = () => {
      for (const name of WRITES) Reflect.deleteProperty(collection, name);
    };
    for (const name of WRITES) {
      const real = collection[name].bind(collection) as unknown as Write;
      const write: Write = async (...parameters) => {
        // Those of other workers go through.
        thaw();
        reach();
        await released;
        // What stops a worker that runs does not stop what has left it.
        const [filter, options] = [parameters.slice(0, -1), parameters.at(-1)];
        return real(...filter, without(options));
      };
      Object.assign(collection, { [name]: write });
    }
    const worker = work().catch((error: unknown) => error);
    const how = await Promise.race([reached, worker]);
    thaw();
    return how === 'frozen' ? new FrozenWorker(jobId, worker, release) : undefined;
  }

  /** @returns what came of its work, or why it ended */
  thaw(): Promise<unknown> {
    this.#release();
    return this.#worker;
  }
}

function without(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || !('signal' in options)) return options;
  const { signal: _, ...others } = options;
  return others;
}
