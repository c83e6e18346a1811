import type { TestProject } from 'vitest/node';
import { startMongo } from '../../dev/mongodb/index.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The one MongoDB of the whole run; `testDatabase` gives each file a database in it. */
    mongodbUri: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string): void => console.error(line);
  const server = await startMongo({ log });
  log(`MongoDB: ${server.chose}`);
  project.provide('mongodbUri', server.uri);
  return () => server.stop();
}
