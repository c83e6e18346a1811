import { type IonApiFile, ionVariables } from '../dev/lake/index.js';
import { databaseUri } from '../dev/mongodb/index.js';

/** Where a measured process finds lake and database. */
export interface Place {
  readonly lakeUrl: string;
  readonly credentials: IonApiFile;
  readonly mongodbUri: string;
  /** A database of its own, which it drops in the end. */
  readonly database: string;
}

/** The environment of a deployed site, for `createApp`. */
export function environmentOf({ credentials, mongodbUri, database }: Place) {
  return {
    ...ionVariables({ credentials }),
    MONGODB_URI: databaseUri(mongodbUri, database),
    LOG_LEVEL: 'silent',
  };
}
