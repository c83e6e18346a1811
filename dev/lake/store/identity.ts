import type { LakeObject } from '../types.js';
import { columnOf } from './objects.js';
import { identifier } from './sql-text.js';

/** The columns that tell an object's records apart, under the object's own names. */
export function identityOf(object: LakeObject): string[] {
  return object.identity.map((name) => columnOf(object, name).name);
}

/** The same as a SQL list. */
export function identityList(object: LakeObject): string {
  return identityOf(object).map(identifier).join(', ');
}

/** A SQL condition: the rows named `older` and `newer` are variations of one record. */
export function sameRecord(object: LakeObject): string {
  return identityOf(object)
    .map(identifier)
    .map((name) => `older.${name} IS NOT DISTINCT FROM newer.${name}`)
    .join(' AND ');
}
