import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyncRequest } from '../../src/sync/plan.js';
import { neverSynced, plan, synced } from './planned.js';

describe('whatever is asked,', () => {
  const warehouses = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), {
    nil: undefined,
  });
  const anyConfig = fc
    .record({ own: warehouses, first: fc.boolean(), initialSync: fc.boolean(), max: fc.nat(9) })
    .map(({ own, first, initialSync, max }) => {
      const changes = { maxRecords: max, ...(own && { options: { whseid: own } }) };
      return first ? neverSynced(changes) : synced({ ...changes, initialSync });
    });
  const anyRequest = fc.record<SyncRequest>({
    mode: fc.constantFrom(undefined, 'incremental', 'full'),
    whseid: warehouses,
    maxRecords: fc.constantFrom(undefined, 0, 5),
  });

  it('an incremental run reads no warehouse that the watermark says nothing about', () => {
    fc.assert(
      fc.property(anyConfig, anyRequest, (config, request) => {
        const { mode, scope, range } = plan(config, request);
        if (mode !== 'incremental') return;
        const covered = config.options.whseid;
        expect(range.from?.getTime()).toBeLessThan(config.watermark?.getTime() ?? 0);
        if (covered) {
          expect(scope.whseids).toBeDefined();
          expect(scope.whseids?.filter((one) => !covered.includes(one))).toEqual([]);
        }
      }),
    );
  });

  it('a run that may move the watermark reads all that the configuration covers', () => {
    fc.assert(
      fc.property(anyConfig, anyRequest, (config, request) => {
        const { scope } = plan(config, request);
        if (!scope.own) return;
        expect([...(scope.whseids ?? ['all'])].sort()).toEqual(
          [...(config.options.whseid ?? ['all'])].sort(),
        );
      }),
    );
  });
});
