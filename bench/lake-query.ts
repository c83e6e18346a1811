import { systemClock } from '../src/clock.js';
import { readIonCredentials } from '../src/config/ion-credentials.js';
import { createCompass } from '../src/datafabric/compass.js';
import { createGateway } from '../src/ion/gateway.js';
import { createHttp } from '../src/ion/http.js';
import { createTokenSource } from '../src/ion/token-source.js';
import { environmentOf, type Place } from './settings.js';

/** Runs a statement to its end. @returns where its pages are read, for `readPages` */
export async function runQuery(place: Place, sql: string): Promise<{ url: string; token: string }> {
  const clock = systemClock;
  const http = createHttp();
  const credentials = readIonCredentials(environmentOf(place));
  const tokens = createTokenSource({ credentials, http, clock });
  const policy = { attempts: 1, baseMs: 0, capMs: 0 };
  const compass = createCompass({
    gateway: createGateway({ credentials, tokens, http, clock, policy }),
    clock,
  });
  const queryId = await compass.submit(sql);
  await compass.waitUntilEnded(queryId, { submittedAt: clock.now() });
  return {
    url: `${credentials.apiUrl}/${credentials.tenant}/DATAFABRIC/compass/v2/jobs/${queryId}/result/`,
    token: await tokens.get(),
  };
}
