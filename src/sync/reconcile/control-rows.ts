import { businessKey, keyParts } from '../../rows/key.js';
import type { Step } from '../step.js';
import { type Candidate, candidateOf } from './candidate.js';
import { reconcileOf } from './cost.js';
import { isHeldAsEmpty } from './delete-guard.js';

/**
 * For each warehouse of the candidates, a document that was found equal: outside the ranges that
 * differ, or, if these cover everything, one that is not a candidate.
 */
export async function controlRows(
  step: Step,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Candidate>> {
  const { context, session, table } = step;
  const { tableId, _id } = session.job;
  const { position, confirms } = reconcileOf(session.job);
  const comparison = context.store.comparison(tableId);
  const controls = new Map<string, Candidate>();
  let inDoubt: readonly string[] | undefined;
  const asked = candidates.filter(({ lakeKey }) => lakeKey);
  for (const whseid of new Set(asked.map(({ key }) => warehouseOf(key)))) {
    const warehouse = { whseid, keyPart: businessKey([whseid]) };
    // A run that confirms a list has no ranges.
    let control = confirms
      ? undefined
      : await comparison.findLiveOutside(warehouse, position?.ranges ?? []);
    if (!control) {
      inDoubt ??= await context.store.differences.keysInDoubt(tableId, _id);
      control = await comparison.findLiveOutside(warehouse, [], inDoubt);
    }
    const found = control && candidateOf(table, control.key, control);
    if (found?.lakeKey) controls.set(whseid, found);
  }
  return controls;
}

/** Whether rows that the reading lacks may exist all the same. */
export async function isAbsenceDoubtful(
  { context, session }: Step,
  absent: readonly Candidate[],
  {
    controls,
    isSound,
  }: {
    readonly controls: ReadonlyMap<string, Candidate>;
    readonly isSound: (candidate: Candidate) => boolean;
  },
): Promise<boolean> {
  const doubtful = absent.filter((one) => !isSound(one) || !controls.has(warehouseOf(one.key)));
  const { confirms } = reconcileOf(session.job);
  if (doubtful.length === 0 || confirms === undefined) return doubtful.length > 0;
  // That the lake has no row of this warehouse is what the operator has confirmed.
  const list = await context.store.deleteLists.latestWith(session.job.tableId, confirms);
  return doubtful.some(({ key }) => !isHeldAsEmpty(list?.reasons ?? [], warehouseOf(key)));
}

export function warehouseOf(key: string): string {
  return keyParts(key)[0] ?? '';
}
