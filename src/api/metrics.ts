import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { TextBody } from '../http/text-body.js';
import { readMetrics } from './metric-facts.js';
import { METRICS } from './metric-families.js';
import { OPENMETRICS_TYPE, openMetricsText } from './openmetrics.js';
import { method, type Services } from './services.js';

/** So long the text of this instance is answered again, in milliseconds. */
const CACHE_MS = 30_000;

interface Cached {
  readonly until: number;
  readonly text: Promise<string>;
}

const cached = new WeakMap<Services, Cached>();

/** The state of the tables for Prometheus and what reads its format. */
export const metrics: Endpoint<Services> = {
  name: 'metrics',
  methods: {
    GET: method({
      access: 'read',
      query: z.strictObject({}),
      async handle({ services }) {
        return { body: new TextBody(await textOf(await services()), OPENMETRICS_TYPE) };
      },
    }),
  },
};

/** Requests at the same time share one reading; a failure is not kept. */
function textOf(services: Services): Promise<string> {
  const known = cached.get(services);
  if (known && services.clock.now() < known.until) return known.text;
  const text = read(services);
  cached.set(services, { until: services.clock.now() + CACHE_MS, text });
  text.catch(() => cached.delete(services));
  return text;
}

async function read({ store, tables, clock }: Services): Promise<string> {
  const facts = await readMetrics(await store(), tables, new Date(clock.now()));
  return openMetricsText(
    METRICS.map(({ samples, ...family }) => ({ family, samples: samples(facts) })),
  );
}
