import { AnsweredError } from '../http/answered-error.js';

/** The call has failed, but not its run, which goes on by the schedule. */
export class RunInterrupted extends AnsweredError {}
