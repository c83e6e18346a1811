import type { RemoteControls } from './http/remote-controls.js';

type Promised<K extends keyof RemoteControls> = (
  ...args: Parameters<RemoteControls[K]>
) => Promise<Awaited<ReturnType<RemoteControls[K]>>>;

/** The controls of a lake in another process: the same methods, all of them asynchronous. */
export type RemoteLake = { readonly [K in keyof RemoteControls]: Promised<K> } & {
  readonly url: string;
};

/**
 * A client of a running lake's controls. Each method throws an Error with the lake's message
 * where the lake refuses.
 * @param url the lake's own, as it printed it.
 */
export function connectLake(url: string): RemoteLake {
  const forward = <K extends keyof RemoteControls>(name: K): Promised<K> => {
    const send = (...args: unknown[]) => post(`${url}/_control/${name}`, args);
    // The lake answers each control with what that control returns, as JSON.
    return send as Promised<K>;
  };
  return {
    url,
    now: async () => new Date(await forward('now')()),
    advance: async (ms) => new Date(await forward('advance')(ms)),
    credentials: forward('credentials'),
    configure: forward('configure'),
    defineObject: forward('defineObject'),
    addColumn: forward('addColumn'),
    insert: forward('insert'),
    edit: forward('edit'),
    delete: forward('delete'),
    revive: forward('revive'),
    hide: forward('hide'),
    show: forward('show'),
    rows: forward('rows'),
    variations: forward('variations'),
    requests: forward('requests'),
    clearRequests: forward('clearRequests'),
    forgetResult: forward('forgetResult'),
    expireTokens: forward('expireTokens'),
    fault: forward('fault'),
    faults: forward('faults'),
    clearFaults: forward('clearFaults'),
    quotaCounts: forward('quotaCounts'),
  };
}

async function post(url: string, args: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(args) });
  const text = await response.text();
  if (!response.ok) throw new Error(`The lake refused: ${text}`);
  return JSON.parse(text).result;
}
