import { isLoopback } from '../../../src/config/loopback.js';
import { errorAnswer } from '../answer.js';
import type { AnswerRequest } from '../http-server.js';

/**
 * Refuses requests to other names than this machine's. A page elsewhere can have its own name lead
 * here, and then its browser takes the answers for the page's own.
 */
export function refuseOtherHosts(answer: AnswerRequest): AnswerRequest {
  return async (request) => {
    if (isLoopback(request.url.hostname)) return answer(request);
    const message = `This site is local; it does not answer for ${request.url.hostname}.`;
    return errorAnswer(421, 'HOST_REFUSED', message);
  };
}
