import { type Answer, json, refusal } from './answer.js';
import type { Call } from './call.js';
import { controlArguments, isControl } from './control-arguments.js';
import type { RemoteControls } from './remote-controls.js';

/**
 * Answers `POST /_control/<name>` whose body is the JSON array of the control's arguments.
 * The answer is `{ result }`; times are ISO 8601 text both ways. Arguments that are wrong are
 * answered with 400 and their names, and change nothing.
 */
export async function answerControl(call: Call, controls: RemoteControls): Promise<Answer> {
  const name = call.route?.argument ?? '';
  if (!isControl(name)) return refusal(404, `There is no control ${name}.`);
  let args: unknown;
  try {
    args = JSON.parse(call.body === '' ? '[]' : call.body);
  } catch {
    return refusal(400, 'The body is no JSON.');
  }
  if (!Array.isArray(args)) return refusal(400, 'The body must be the array of arguments.');
  try {
    const checked = controlArguments(name, args);
    const result: unknown = await Reflect.apply(controls[name], undefined, checked);
    return json(200, { result: result ?? null });
  } catch (error) {
    return refusal(400, error instanceof Error ? error.message : String(error));
  }
}
