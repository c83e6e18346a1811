import { useState } from 'preact/hooks';
import { number } from '../format/count.js';
import { shorten } from '../format/shorten.js';
import { texts } from '../texts.js';
import { sentence } from './sentence.js';

/** A text of the data, whatever it holds: as text, and the rest of a long one only on request. */
export function Data({ text, most = 400 }: { readonly text: string; readonly most?: number }) {
  const [isOpen, open] = useState(false);
  if (isOpen || text.length <= most) return <span class="data">{text}</span>;
  return (
    <span class="data">
      {/* Its direction must not become that of the button. */}
      <bdi>{shorten(text, most)}</bdi>{' '}
      <button type="button" class="plain" onClick={() => open(true)}>
        {sentence(texts.showAll, { count: number(text.length) })}
      </button>
    </span>
  );
}
