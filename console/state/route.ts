import { signal } from '@preact/signals';

/** What the page shows, as its address has it: `#/run/6b05…?tableId=orders`. */
export interface Route {
  /** The screen's name; the overview's is empty. */
  readonly screen: string;
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
}

export const route = signal(parse(location.hash));

addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

/** The address of a screen; a blank field of the query is left out. */
export function href(
  screen: string,
  id = '',
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const fields = Object.entries(query).filter((field): field is [string, string] => !!field[1]);
  const search = new URLSearchParams(fields).toString();
  const path = [screen, id].filter(Boolean).map(encodeURIComponent).join('/');
  return `#/${path}${search ? `?${search}` : ''}`;
}

/** Changes the query of the present screen, e.g. a filter, without an entry in the browser's history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { screen, id, query } = route.value;
  history.replaceState(null, '', href(screen, id, { ...query, ...changes }));
  route.value = parse(location.hash);
}

function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [screen = '', id = ''] = path.split('/').map(decoded);
  return { screen, id, query: Object.fromEntries(new URLSearchParams(search)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
