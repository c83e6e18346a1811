/**
 * The console: the page of the site, on which the tables are watched and what is wrong is mended.
 *
 *     state/     session, requests, polling, the address
 *     parts/     what several screens show: tables, times, counts, verdicts, dialogs, charts
 *     screens/   one file per screen, listed in screens.ts
 *     format/    numbers, times and durations as texts
 *     texts.ts   every text
 *     styles/    plain CSS; colours and spaces are properties of tokens.css
 */
import { render } from 'preact';
import { App } from './app.js';
import { reloadOnChange } from './reload.js';

const place = document.getElementById('console');
if (place) render(<App />, place);
// Of the build that `npm run dev` makes; esbuild leaves it out of the other.
if (RELOADS) reloadOnChange();
