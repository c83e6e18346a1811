import type { Candidate, RunningServer, StartOptions } from './candidate.js';

export type ChosenServer = RunningServer & {
  /** Which server, in a few words. */
  readonly name: string;
  /** Which server and where it is, and why none of those before it. */
  readonly chose: string;
};

/**
 * The first candidate that starts.
 * @throws Error where none does, with every reason and what to do.
 */
export async function choose(
  candidates: readonly Candidate[],
  options: StartOptions,
): Promise<ChosenServer> {
  const absent: string[] = [];
  for (const candidate of candidates) {
    const attempt = await candidate.attempt(options);
    if ('server' in attempt) {
      const because = absent.length > 0 ? ` (${absent.join('; ')})` : '';
      const { what } = attempt;
      // Where it is can be a long path.
      const [name = what] = what.split(', at ');
      return { ...attempt.server, name, chose: what + because };
    }
    absent.push(attempt.absent);
  }
  const remedies = candidates.flatMap(({ remedy }) => remedy ?? []);
  throw new Error(
    [
      'There is no MongoDB to run against:',
      ...absent.map((reason) => `  - ${reason}`),
      'One of these helps:',
      ...remedies.map((remedy) => `  - ${remedy}`),
    ].join('\n'),
  );
}
