import { number } from '../format/count.js';
import { Count } from '../parts/count.js';
import { ErrorCode } from '../parts/error-code.js';
import { Loaded, Screen } from '../parts/screen.js';
import { Sentence } from '../parts/sentence.js';
import { type Column, Table } from '../parts/table.js';
import { call } from '../state/api.js';
import type { Failure } from '../state/failure.js';
import { usePolled } from '../state/poll.js';
import type { DeepHealth } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.health;
const GRAVITY = ['failing', 'warning', 'ok'] as const;
const LOOK = { ok: ['good', '✓'], warning: ['warn', '!'], failing: ['bad', '✕'] } as const;

interface Check {
  readonly name: string;
  readonly state: (typeof GRAVITY)[number];
  readonly sentence: string;
  readonly remedy: string | null;
  readonly ms: number;
  readonly code?: string | undefined;
}

/** Everything that a sync needs, checked once; each check sends requests to Infor and MongoDB. */
export function HealthScreen() {
  const polled = usePolled('health', loadHealth, () => undefined);
  const again = (
    <button type="button" onClick={polled.refresh} aria-disabled={polled.busy.value}>
      {polled.busy.value ? text.checking : text.again}
    </button>
  );
  return (
    <Screen title={text.title} actions={again}>
      <Loaded polled={polled}>
        {(health) => (
          <>
            <Verdict health={health} />
            <Table
              caption={text.caption}
              columns={COLUMNS}
              rows={checksOf(health)}
              keyOf={({ name }) => name}
            />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

/** Where a check fails, the answer is an error (503) that has the checks all the same. */
async function loadHealth(signal: AbortSignal): Promise<DeepHealth> {
  try {
    return await call<DeepHealth>('health', { query: { deep: 1 }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const { body } = error as Failure;
    if (isDeepHealth(body)) return body;
    throw error;
  }
}

function isDeepHealth(body: unknown): body is DeepHealth {
  return typeof body === 'object' && body !== null && 'checks' in body;
}

function checksOf({ checks }: DeepHealth): Check[] {
  return Object.entries(checks)
    .map(([name, check]) => ({ name, ...check }))
    .sort((a, b) => GRAVITY.indexOf(a.state) - GRAVITY.indexOf(b.state));
}

function Verdict({ health }: { readonly health: DeepHealth }) {
  const { state } = health;
  const count = checksOf(health).filter((check) => check.state === state).length;
  return (
    <p class="summary" role="status">
      <Sentence text={text.all[state]} count={<Count of={count} unit={text.checks} />} />
    </p>
  );
}

const COLUMNS: readonly Column<Check>[] = [
  {
    title: text.columns.check,
    heads: true,
    cell: ({ name }) => nameOf(name),
  },
  {
    title: text.columns.state,
    cell: ({ state }) => {
      const [look, sign] = LOOK[state];
      return (
        <span class={`verdict ${look}`}>
          <span class="sign" aria-hidden="true">
            {sign}
          </span>
          <strong>{text.states[state]}</strong>
        </span>
      );
    },
  },
  {
    title: text.columns.found,
    cell: ({ sentence, remedy, code }) => (
      <>
        <span class="data">{sentence}</span>
        {remedy && <span class="data cause">{remedy}</span>}
        {code && (
          <span class="cause quiet">
            <ErrorCode code={code} />
          </span>
        )}
      </>
    ),
  },
  { title: text.columns.took, numeric: true, cell: ({ ms }) => `${number(ms)} ${text.ms}` },
];

function nameOf(check: string): string {
  const names: Readonly<Record<string, string>> = text.names;
  return names[check] ?? check;
}
