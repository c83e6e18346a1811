/**
 * A button that syncs the orders and shows how far it is. It needs two files of the site,
 * `/client/datalake-sync.js` and `/client/datalake-sync.d.ts`, and nothing else.
 */
import { createClient, LoginPageError, type Progress, SyncError } from './datalake-sync.js';

const element = (id: string) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}.`);
  return found;
};
const button = element('sync') as HTMLButtonElement;
const status = element('status');

const parameters = new URLSearchParams(location.search);
const client = createClient({
  baseUrl: parameters.get('backend') ?? '',
  token: () => sessionStorage.getItem('token') ?? undefined,
});

function show({ phase, counts, percent, secondsLeft, waitingFor }: Progress): void {
  const left = secondsLeft === null ? '' : `, ${secondsLeft} s left`;
  const rows = percent === null ? '' : `: ${counts.read} of ${counts.total} rows${left}`;
  status.textContent = waitingFor ?? `${phase ?? 'starting'}${rows}`;
}

async function showLastError(): Promise<void> {
  const query = { tableId: 'orders', status: 'failed', limit: 1 };
  const { history } = await client.call<{ history: { error?: string }[] }>('sync-history', {
    query,
  });
  element('last-error').textContent = history[0]?.error ?? 'none';
}

button.addEventListener('click', async () => {
  button.disabled = true;
  try {
    const { counts } = await client.sync('orders', { onProgress: show });
    status.textContent = `completed: ${counts.created} new, ${counts.updated} changed`;
  } catch (error) {
    if (error instanceof SyncError) status.textContent = `${error.code}: ${error.message}`;
    else if (error instanceof LoginPageError) status.textContent = error.remedy;
    else status.textContent = String(error);
  } finally {
    button.disabled = false;
    document.body.dataset.done = 'sync';
  }
  await showLastError();
});
