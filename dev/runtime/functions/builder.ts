import { stop } from 'esbuild';
import { BuildFailed, type Bundle, bundle } from './bundle.js';
import { listSources, type Source, SourceWatch } from './sources.js';

export type Built =
  | { readonly kind: 'built'; readonly file: string; readonly version: string }
  /** It, or something that it imports, cannot be built. */
  | { readonly kind: 'broken'; readonly message: string };

export interface BuilderOptions {
  /** Where the paths in messages start. */
  readonly root: string;
  readonly directory: string;
  /** Where built functions go; never in the checkout. */
  readonly outdir: string;
  readonly log: (line: string) => void;
}

/** Looking for changes takes at most this part of the time. */
const SHARE_OF_TIME = 0.05;

/** Keeps the functions of a folder built: all at once, and again when a source has changed. */
export class Builder {
  readonly #options: BuilderOptions;
  #building: Promise<ReadonlyMap<string, Built>> | undefined;
  #watch: SourceWatch | undefined;
  #lookAgainAt = 0;

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  /** The functions by name, as their sources are now. */
  current(): Promise<ReadonlyMap<string, Built>> {
    if (this.#building && !this.#hasChanged()) return this.#building;
    const building = this.#build().catch((error: unknown) => {
      this.#building = undefined;
      throw error;
    });
    this.#building = building;
    return building;
  }

  #hasChanged(): boolean {
    const began = performance.now();
    // None while a build is under way: it is looked at again when that has ended.
    if (!this.#watch || began < this.#lookAgainAt) return false;
    const changed = this.#watch.hasChanged();
    const ended = performance.now();
    this.#lookAgainAt = ended + (ended - began) / SHARE_OF_TIME;
    return changed;
  }

  async #build(): Promise<ReadonlyMap<string, Built>> {
    const { directory, log } = this.#options;
    const known = this.#watch?.files ?? [];
    this.#watch = undefined;
    const began = Date.now();
    const sources = listSources(directory);
    try {
      const { modules, inputs } = await this.#bundle(sources);
      this.#watch = new SourceWatch(inputs, directory, began);
      return builtOf(modules);
    } catch (error) {
      if (!(error instanceof BuildFailed)) throw error;
      log(`The functions cannot be built:\n${error.message}`);
      const { functions, inputs } = await this.#buildWhatCanBe(sources);
      const files = new Set([...known, ...inputs, ...error.files]);
      this.#watch = new SourceWatch([...files], directory, began);
      return functions;
    } finally {
      // The compiler would stay, with a hundred megabytes.
      await stop();
    }
  }

  #bundle(sources: readonly Source[], { write = true } = {}): Promise<Bundle> {
    return bundle(sources, { ...this.#options, write });
  }

  /** Each function alone, to tell those that an error is in from the others. */
  async #buildWhatCanBe(
    sources: readonly Source[],
  ): Promise<{ functions: ReadonlyMap<string, Built>; inputs: readonly string[] }> {
    const functions = new Map<string, Built>();
    const sound: Source[] = [];
    for (const source of sources) {
      try {
        await this.#bundle([source], { write: false });
        sound.push(source);
      } catch (error) {
        functions.set(source.name, { kind: 'broken', message: String(error) });
      }
    }
    const { modules, inputs } = await this.#bundle(sound);
    return { functions: new Map([...functions, ...builtOf(modules)]), inputs };
  }
}

function builtOf(modules: Bundle['modules']): ReadonlyMap<string, Built> {
  return new Map(
    [...modules].map(([name, module]) => [name, { kind: 'built', ...module } as const]),
  );
}
