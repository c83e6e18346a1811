/** Whether the long tests are running (`npm run test:faults`), which leave nothing out. */
export const IS_LONG = process.env.LONG_TESTS === '1';

/**
 * How far a loop over every possible moment of a crash goes on at a time: each moment in the long
 * tests, every nth one in the others. Choose an n that has no factor in common with the number of
 * calls of a slice, so that each kind of moment is met.
 */
export function strideOf(nth: number): number {
  return IS_LONG ? 1 : nth;
}
