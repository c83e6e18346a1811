import type { IonApiFile, LakeControls } from '../types.js';
import { type Answer, json, refusal } from './answer.js';
import type { Call } from './call.js';

/** What can be asked over HTTP: the controls, and the credentials that a client needs. */
export interface RemoteControls extends LakeControls {
  credentials(): IonApiFile;
}

/**
 * Answers `POST /_control/<name>` whose body is the JSON array of the control's arguments.
 * The answer is `{ result }`; times are ISO 8601 text both ways.
 */
export async function answerControl(call: Call, controls: RemoteControls): Promise<Answer> {
  const name = call.route?.argument ?? '';
  const control = Object.entries(controls).find(([known]) => known === name)?.[1];
  if (control === undefined) return refusal(404, `There is no control ${name}.`);
  let args: unknown;
  try {
    args = JSON.parse(call.body === '' ? '[]' : call.body);
  } catch {
    return refusal(400, 'The body is no JSON.');
  }
  if (!Array.isArray(args)) return refusal(400, 'The body must be the array of arguments.');
  try {
    // The arguments came as JSON from our own typed client, or by hand for a trial.
    const result: unknown = await Reflect.apply(control, undefined, withoutNulls(args));
    return json(200, { result: result ?? null });
  } catch (error) {
    return refusal(400, error instanceof Error ? error.message : String(error));
  }
}

/** JSON has no undefined: an argument that was left out comes as null. */
function withoutNulls(args: readonly unknown[]): unknown[] {
  return args.map((argument) => argument ?? undefined);
}
