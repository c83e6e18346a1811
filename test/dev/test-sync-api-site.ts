import { onTestFinished } from 'vitest';
import { serveSite } from '../../dev/runtime/http-server.js';
import { toRequest } from '../../dev/runtime/raw-request.js';

/** Answers a call of a function; undefined: there is no such function. */
export type AnswerCall = (
  name: string,
  request: Request,
) => Response | undefined | Promise<Response | undefined>;

/** Serves functions on this machine until the calling test has ended. @returns the site's URL */
export async function startSite(answerCall: AnswerCall): Promise<string> {
  const server = await serveSite(
    {
      async answer(raw) {
        const name = raw.url.pathname.replace('/.netlify/functions/', '');
        const found = await answerCall(name, toRequest(raw));
        const response = found ?? new Response('Not Found', { status: 404 });
        const body = new Uint8Array(await response.arrayBuffer());
        return { status: response.status, headers: [...response.headers], body };
      },
      tick() {
        throw new Error('Nothing is scheduled here.');
      },
    },
    0,
  );
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('No TCP port was given.');
  return `http://127.0.0.1:${address.port}`;
}
