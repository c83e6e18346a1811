import { computed, signal } from '@preact/signals';
import type { Failure } from './failure.js';
import type { Caller } from './shapes.js';

const KEY = 'datalake-sync.token';

/** The token of this tab; null: none is sent, which a site with API_AUTH=none accepts. */
export const token = signal(sessionStorage.getItem(KEY));
/** Whose token it is; undefined until an answer has said so. */
export const caller = signal<Caller | undefined>(undefined);
/** Why the site has to be asked for with another token; it shows the token prompt. */
export const refusal = signal<Failure | undefined>(undefined);
/** Whether actions are offered: a token with read access shows none. */
export const mayWrite = computed(() => caller.value?.may === 'write');

export function signIn(value: string): void {
  sessionStorage.setItem(KEY, value);
  token.value = value;
  caller.value = undefined;
  refusal.value = undefined;
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  // What one token could see must not stay on the page of another.
  location.reload();
}
