import { useEffect, useRef } from 'preact/hooks';
import { Empty } from './parts/empty.js';
import { Loaded, Screen } from './parts/screen.js';
import { Top } from './parts/top.js';
import { SignInScreen } from './screens/sign-in.js';
import { SCREENS } from './screens.js';
import { loadOverview, overview } from './state/overview.js';
import { usePolled } from './state/poll.js';
import { href, route } from './state/route.js';
import { caller, refusal } from './state/session.js';
import { texts } from './texts.js';

export function App() {
  if (refusal.value) return <SignInScreen failure={refusal.value} />;
  return (
    <>
      <button type="button" class="unseen" onClick={focusHeading}>
        {texts.skip}
      </button>
      <Top />
      <main>{caller.value ? <Present /> : <Entrance />}</main>
      <footer class="foot">
        <a href="/docs/">{texts.apiReference}</a>
        {overview.value && (
          <span>
            {texts.version} {overview.value.data.version}
          </span>
        )}
      </footer>
    </>
  );
}

/** Until the site has said who is asking: one request, whatever screen was asked for. */
function Entrance() {
  const polled = usePolled('entrance', loadOverview, () => undefined);
  return <Loaded polled={polled}>{() => null}</Loaded>;
}

function Present() {
  const { screen, id } = route.value;
  const entry = SCREENS.find(({ name }) => name === screen);
  useHeadingFocus(`${screen}/${id}`, entry?.title ?? texts.notFound);
  if (!entry) {
    return (
      <Screen title={texts.notFound}>
        <Empty title="">
          <a href={href('')}>{texts.toOverview}</a>
        </Empty>
      </Screen>
    );
  }
  const View = entry.view;
  return <View key={`${screen}/${id}`} route={route.value} />;
}

/** Whoever goes to another screen by its link is put at its heading, not left at the link. */
function useHeadingFocus(place: string, title: string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
    if (!isFirst.current) focusHeading();
    isFirst.current = false;
  }, [place]);
}

/** The fragment is the screen's address, so a link can't lead to the content. */
function focusHeading(): void {
  document.querySelector('h1')?.focus();
}
