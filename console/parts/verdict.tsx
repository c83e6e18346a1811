import { readableDuration } from '../format/duration.js';
import type { TableVerdict } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Data } from './data.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

const { because, units } = texts;

/** How urgent each verdict is, beside its words and sign. */
const LOOK: Readonly<Record<TableVerdict['kind'], readonly [look: string, sign: string]>> = {
  equal: ['good', '✓'],
  proven: ['good', '✓'],
  different: ['warn', '≠'],
  held: ['warn', '!'],
  behind: ['warn', '…'],
  failing: ['bad', '✕'],
  paused: ['quiet', '‖'],
  never_run: ['quiet', '○'],
  not_configured: ['quiet', '○'],
};

/** Whether a table can be trusted, and why, on one or two lines. */
export function Verdict({ verdict }: { readonly verdict: TableVerdict }) {
  const [look, sign] = LOOK[verdict.kind];
  return (
    <span class={`verdict ${look}`}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      <span>
        <strong>{texts.verdicts[verdict.kind]}</strong>{' '}
        <span class="why">
          <Because verdict={verdict} />
        </span>
      </span>
    </span>
  );
}

function Because({ verdict }: { readonly verdict: TableVerdict }) {
  switch (verdict.kind) {
    case 'equal':
    case 'proven':
      return <Sentence text={because[verdict.kind]} at={<Time at={verdict.asOf} />} />;
    case 'different': {
      const text = verdict.asOf ? because.different : because.differentUndated;
      const count = <Count of={verdict.differences} unit={units.differences} />;
      return <Sentence text={text} count={count} at={<Time at={verdict.asOf} />} />;
    }
    case 'held': {
      const count = <Count of={verdict.deletes} unit={units.deletes} />;
      return <Sentence text={because.held} count={count} at={<Time at={verdict.since} />} />;
    }
    case 'behind':
      return <Behind {...verdict} />;
    case 'failing': {
      const text = verdict.what === 'start' ? because.failingStart : because.failingRun;
      const at = <Time at={verdict.since} />;
      return (
        <>
          <Sentence text={text} at={at} count={String(verdict.failures)} />
          {verdict.error && (
            <span class="cause">
              <Data text={verdict.error} />
            </span>
          )}
        </>
      );
    }
    case 'paused':
      return <Paused {...verdict} />;
    default:
      return <>{because[verdict.kind]}</>;
  }
}

type Of<Kind extends TableVerdict['kind']> = Extract<TableVerdict, { kind: Kind }>;

function Behind({ reason, since, limitMinutes }: Of<'behind'>) {
  const limit = limitMinutes === null ? texts.unknown : readableDuration(limitMinutes * 60);
  return (
    <>
      <Sentence text={because[reason]} limit={limit} />
      {since && <Sentence text={because.since} at={<Time at={since} />} />}
    </>
  );
}

function Paused({ by, reason }: Of<'paused'>) {
  const text = {
    request: because.byRequest,
    failures: because.byFailures,
    disabled: because.disabled,
  };
  return (
    <>
      {text[by]}
      {reason && <span class="data cause">{reason}</span>}
    </>
  );
}
