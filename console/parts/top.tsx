import { SCREENS } from '../screens.js';
import { overview } from '../state/overview.js';
import { href, route } from '../state/route.js';
import { caller, mayWrite, signOut, token } from '../state/session.js';
import { texts } from '../texts.js';

/** Where the reader is, in which environment, and as whom. */
export function Top() {
  const environment = overview.value?.data.environment;
  return (
    <header class="top">
      <a class="name" href={href('')}>
        {texts.product}
      </a>
      {environment && <span class={`badge ${environment}`}>{texts.environments[environment]}</span>}
      <nav aria-label={texts.nav}>
        <ul>
          {SCREENS.filter(
            ({ listed, forWriters }) => listed && (!forWriters || mayWrite.value),
          ).map(({ name, title }) => (
            <li key={name}>
              <a href={href(name)} aria-current={route.value.screen === name ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="who small">
        {caller.value && (
          <span class="data">
            {caller.value.name}
            {!mayWrite.value && <span class="quiet"> ({texts.mayRead})</span>}
          </span>
        )}
        {token.value !== null && (
          <button type="button" class="plain" onClick={signOut}>
            {texts.signOut}
          </button>
        )}
      </div>
    </header>
  );
}
