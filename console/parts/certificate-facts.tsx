import { readableDuration } from '../format/duration.js';
import { shorten } from '../format/shorten.js';
import { runHref } from '../state/run.js';
import type { Certificate } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Fact } from './fact.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

const text = texts.certificate;
const { units } = texts;

/** What a comparison with the lake has come to, in a sentence. */
export function CertificateVerdict({
  certificate: { verdict, asOf, repaired, remaining },
  table,
}: {
  readonly certificate: Certificate;
  readonly table: string;
}) {
  return (
    <p class="summary">
      <Sentence
        text={text.verdicts[verdict]}
        table={<strong class="data">{table}</strong>}
        at={<Time at={asOf} />}
        repaired={<Count of={repaired} unit={units.differences} />}
        remaining={<Count of={remaining} unit={units.differences} />}
      />
    </p>
  );
}

/** The figures of a certificate, and by what they were reached. */
export function CertificateFacts({ certificate }: { readonly certificate: Certificate }) {
  const { rows, documents, equal, repaired, remaining, held, ceiling, scope } = certificate;
  const { cost, digest, endedAt, jobId } = certificate;
  const { facts } = text;
  return (
    <dl class="facts">
      <Fact name={facts.rows}>
        <Count of={rows} unit={units.rows} />
      </Fact>
      <Fact name={facts.documents}>
        <Count of={documents} unit={units.documents} />
      </Fact>
      <Fact name={facts.equal}>
        <Count of={equal} unit={units.rows} />
      </Fact>
      <Fact name={facts.repaired}>
        <Count of={repaired} unit={units.differences} />
      </Fact>
      <Fact name={facts.remaining}>
        <Count of={remaining} unit={units.differences} />
      </Fact>
      <Fact name={facts.held}>
        <Count of={held} unit={units.deletes} />
      </Fact>
      <Fact name={facts.ceiling}>
        <Time at={ceiling} />
      </Fact>
      <Fact name={facts.scope}>
        {scope.whseids?.map((one) => shorten(one)).join(', ') ?? facts.everything}
      </Fact>
      <Fact name={facts.ended}>
        <Time at={endedAt} />
      </Fact>
      <Fact name={facts.took}>{readableDuration(cost.functionSeconds)}</Fact>
      <Fact name={facts.cost}>
        <Count of={cost.rowsRead} unit={units.rows} />,{' '}
        <Count of={cost.queries} unit={facts.queries} />
      </Fact>
      <Fact name={facts.run}>
        <a href={runHref(null, jobId)}>
          <code>{jobId}</code>
        </a>
      </Fact>
      <Fact name={facts.digest}>
        <code>{digest}</code>
      </Fact>
    </dl>
  );
}

/** How many of each class were found, and what could not be checked. */
export function CertificateFindings({
  certificate: { counts, exceptions },
}: {
  readonly certificate: Certificate;
}) {
  const { inFlight, outOfScope, unreadable } = text;
  const names: Readonly<Record<string, string>> = {
    ...{ ...texts.run.kinds, inFlight, outOfScope, unreadable },
  };
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return (
    <>
      <section class="stack">
        <h2>{text.found}</h2>
        {found.length === 0 && <p>{texts.run.equalNow}</p>}
        <dl class="facts">
          {found.map(([kind, count]) => (
            <Fact key={kind} name={names[kind] ?? kind}>
              <Count of={count} unit={units.documents} />
            </Fact>
          ))}
        </dl>
      </section>
      {exceptions.length > 0 && (
        <section class="stack">
          <h2>{text.exceptions}</h2>
          <ul class="note warn">
            {exceptions.map(({ reason, message }) => (
              <li class="data" key={reason + message}>
                {message}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
