import { href, type Route } from '../state/route.js';
import type { Pagination } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Sentence } from './sentence.js';

const text = texts.list;

/** How long a list is, and the ways to its other pages. */
export function Pager({
  route: { screen, id, query },
  pagination: { total, totalIsAtLeast, nextCursor },
  unit,
  first = text.newest,
  next = text.older,
}: {
  readonly route: Route;
  readonly pagination: Pagination;
  readonly unit: readonly [string, string];
  readonly first?: string;
  readonly next?: string;
}) {
  const { cursor, ...filter } = query;
  return (
    <p class="row">
      <span class="quiet small">
        <Sentence
          text={totalIsAtLeast ? text.totalIsAtLeast : text.total}
          count={<Count of={total} unit={unit} />}
        />
      </span>
      {cursor && <a href={href(screen, id, filter)}>{first}</a>}
      {nextCursor && <a href={href(screen, id, { ...filter, cursor: nextCursor })}>{next}</a>}
    </p>
  );
}
