import { useRef, useState } from 'preact/hooks';

export interface Bar {
  readonly key: string;
  /** Said of it: read out, and shown on hover. */
  readonly label: string;
  readonly href: string;
  /** How far it reaches above the line, and below it. */
  readonly above: number;
  readonly below: number;
  readonly look: 'good' | 'warn' | 'bad' | 'active';
}

const WIDTH = 6;
const GAP = 2;
const ABOVE = 26;
const BELOW = 12;
const LEAST = 1.5;

/**
 * A bar per run, the oldest first, each a link. The chart is one stop of the tab key; arrows, Home and
 * End go from bar to bar.
 */
export function BarChart({
  label,
  bars,
}: {
  readonly label: string;
  readonly bars: readonly Bar[];
}) {
  const [chosen, choose] = useState<string | undefined>(undefined);
  const list = useRef<SVGSVGElement>(null);
  const at = Math.max(0, chosen ? bars.findIndex(({ key }) => key === chosen) : bars.length - 1);
  const highest = Math.max(1, ...bars.map(({ above }) => above));
  const deepest = Math.max(1, ...bars.map(({ below }) => below));

  function move(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: bars.length - 1,
    };
    const next = bars[steps[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    choose(next.key);
    list.current?.querySelectorAll<SVGAElement>('a')[bars.indexOf(next)]?.focus();
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: no element of HTML groups the parts of a drawing
    <svg
      ref={list}
      class="bars"
      role="group"
      aria-label={label}
      width={Math.max(1, bars.length) * (WIDTH + GAP)}
      height={ABOVE + BELOW + 1}
      onKeyDown={move}
    >
      <line class="axis" x1={0} x2="100%" y1={ABOVE + 0.5} y2={ABOVE + 0.5} />
      {bars.map((bar, index) => (
        <a
          key={bar.key}
          href={bar.href}
          aria-label={bar.label}
          tabIndex={index === at ? 0 : -1}
          class={bar.look}
          onFocus={() => choose(bar.key)}
        >
          <title>{bar.label}</title>
          <rect
            class="hit"
            x={index * (WIDTH + GAP)}
            y={0}
            width={WIDTH + GAP}
            height={ABOVE + BELOW + 1}
          />
          <Marks bar={bar} x={index * (WIDTH + GAP)} highest={highest} deepest={deepest} />
        </a>
      ))}
    </svg>
  );
}

/** A failed run has a cross and one with rejects a dot, since colour alone says nothing to some. */
function Marks({
  bar: { above, below, look },
  x,
  highest,
  deepest,
}: {
  readonly bar: Bar;
  readonly x: number;
  readonly highest: number;
  readonly deepest: number;
}) {
  // The square root, since one full run would flatten all that only read what has changed.
  const up = Math.max(LEAST, Math.sqrt(above / highest) * (ABOVE - WIDTH));
  const down = Math.max(LEAST, Math.sqrt(below / deepest) * BELOW);
  const top = ABOVE - up;
  const middle = x + WIDTH / 2;
  return (
    <>
      <rect class="rows" x={x} y={top} width={WIDTH} height={up} />
      <rect class="duration" x={x} y={ABOVE + 1} width={WIDTH} height={down} />
      {look === 'warn' && <circle cx={middle} cy={top - 3} r={1.75} />}
      {look === 'bad' && (
        <path d={`M${x + 1} ${top - 5.5}l4 4m0-4l-4 4`} fill="none" stroke-width={1.5} />
      )}
    </>
  );
}
