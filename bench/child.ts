import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a script of this folder in a process of its own, gives it `input`, and returns what
 * it sends: a measured process has nothing in memory that isn't its own.
 * @param heapMb the most that its JavaScript heap may grow to
 * @throws Error if it ends without an answer
 */
export async function inChild<Input, Output>(
  script: string,
  input: Input,
  heapMb: number,
): Promise<Output> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(input)], {
    execArgv: [...process.execArgv, `--max-old-space-size=${heapMb}`],
  });
  const answer = new Promise<Output>((resolve) => {
    // What both ends agree on is in their shared type.
    child.once('message', (message) => resolve(message as Output));
  });
  const end = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${code} and no answer.`);
  });
  const result = await Promise.race([answer, end]);
  await end.catch(() => undefined);
  return result;
}

/** The other end: measures, answers and ends. */
export async function answerParent<Input, Output>(
  measure: (input: Input) => Promise<Output>,
): Promise<void> {
  const output = await measure(JSON.parse(process.argv[2] ?? 'null'));
  if (process.send) process.send(output, () => process.disconnect());
  else console.log(output);
}
