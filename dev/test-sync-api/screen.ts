import { styleText } from 'node:util';

/** `absent`: neither right nor wrong, e.g. a function that is not built yet. */
export type Mark = 'ok' | 'failed' | 'absent';

export interface Screen {
  line(text?: string): void;
  /** A line of its own for each thing that was done; what is too long goes on below. */
  result(mark: Mark, label: string, ms: number | undefined, text: string): void;
  /** Text at which a result's own text starts, for what belongs to it. */
  under(text: string): void;
  /** What goes on at the moment: in place on a terminal, else a line now and then. */
  progress(text: string): void;
}

const WIDTH = 100;
const LABEL = 24;
const TIME = 8;
const TEXT_AT = 2 + LABEL + TIME + 2;
const SYMBOLS = { ok: '✓', failed: '✗', absent: '–' } as const;
const COLOURS = { ok: 'green', failed: 'red', absent: 'yellow' } as const;
/** Between two lines of progress; doubled each time, up to the longest. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 10_000;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function createScreen(output: Output, { colour = false } = {}): Screen {
  let inPlace = false;
  let nextAt = 0;
  let pauseMs = SHORTEST_MS;

  function write(text: string): void {
    if (inPlace) output.write('\r\x1b[2K');
    inPlace = false;
    output.write(`${text}\n`);
    pauseMs = SHORTEST_MS;
    nextAt = Date.now() + pauseMs;
  }

  function writeNowAndThen(text: string): void {
    if (Date.now() < nextAt) return;
    output.write(`${text}\n`);
    pauseMs = Math.min(LONGEST_MS, 2 * pauseMs);
    nextAt = Date.now() + pauseMs;
  }

  function under(text: string): void {
    for (const line of wrap(text, WIDTH - TEXT_AT)) write(' '.repeat(TEXT_AT) + line);
  }

  return {
    line: (text = '') => write(text),
    under,
    result(mark, label, ms, text) {
      const symbol = colour ? styleText(COLOURS[mark], SYMBOLS[mark]) : SYMBOLS[mark];
      const time = ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`;
      const [first = '', ...rest] = wrap(text, WIDTH - TEXT_AT);
      write(`${symbol} ${label.padEnd(LABEL)}${time.padStart(TIME)}  ${first}`.trimEnd());
      under(rest.join(' '));
    },
    progress(text) {
      if (output.isTTY) {
        output.write(`\r\x1b[2K${text.slice(0, WIDTH - 1)}`);
        inPlace = true;
      } else {
        writeNowAndThen(text);
      }
    },
  };
}

/** Whether the user wants colours of this output: https://no-color.org */
export function wantsColour(output: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
