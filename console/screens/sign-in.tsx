import { useEffect, useRef } from 'preact/hooks';
import { ErrorNote } from '../parts/error-note.js';
import type { Failure } from '../state/failure.js';
import { signIn, token } from '../state/session.js';
import { texts } from '../texts.js';

/** Asks for a token, and says why the site has not answered with the one before. */
export function SignInScreen({ failure }: { readonly failure: Failure }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${texts.signIn.title} · ${texts.product}`;
    field.current?.focus();
  }, []);
  // Who has sent no token has made no mistake.
  const isFirst = failure.kind === 'unauthorized' && token.value === null;
  // Neither a private project nor a site without tokens accepts any.
  const isUseless = failure.kind === 'login' || failure.kind === 'unset';
  return (
    <main class="sign-in">
      <p class="name">{texts.product}</p>
      <h1>{texts.signIn.title}</h1>
      {!isFirst && <ErrorNote failure={failure} />}
      {isUseless ? (
        <div>
          <button type="button" onClick={() => location.reload()}>
            {texts.tryAgain}
          </button>
        </div>
      ) : (
        <form class="stack" onSubmit={submit}>
          <label for="token">{texts.signIn.token}</label>
          <input
            ref={field}
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="token-help"
          />
          <p class="small quiet" id="token-help">
            {texts.signIn.lead} {texts.signIn.kept}
          </p>
          <div>
            <button type="submit" class="primary">
              {texts.signIn.action}
            </button>
          </div>
        </form>
      )}
    </main>
  );
}

function submit(event: SubmitEvent): void {
  event.preventDefault();
  if (!(event.currentTarget instanceof HTMLFormElement)) return;
  const given = new FormData(event.currentTarget).get('token');
  if (typeof given === 'string' && given.trim() !== '') signIn(given.trim());
}
