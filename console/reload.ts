const EVERY_MS = 1_000;
const FILES = ['/console/console.js', '/console/style.css'];

/** Loads the page again as soon as one of its files has another content; for `npm run dev` alone. */
export async function reloadOnChange(): Promise<void> {
  const first = await contents();
  setInterval(async () => {
    if (document.hidden) return;
    const now = await contents().catch(() => first);
    if (now !== first) location.reload();
  }, EVERY_MS);
}

async function contents(): Promise<string> {
  const texts = await Promise.all(
    FILES.map((file) => fetch(file, { cache: 'no-store' }).then((response) => response.text())),
  );
  return texts.join('');
}
