import type { ApiReply } from './api-reply.js';
import type { ApiClient, ApiRequest } from './client.js';
import { failureOf } from './failure.js';

/** @throws Failure where the answer has another status than the one that is right */
export async function expectAnswer(
  client: ApiClient,
  name: string,
  request: ApiRequest,
  status = 200,
): Promise<ApiReply> {
  const reply = await client.call(name, request);
  if (reply.status !== status) throw failureOf(name, reply);
  return reply;
}
