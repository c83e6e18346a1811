import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { examplesOf } from '../../dev/docs/api-examples.js';
import type { Services } from '../../src/api/services.js';
import { SETTING_KEYS } from '../../src/api/site-settings.js';
import { CONTRACTS } from '../../src/contract/contract.js';
import { heldDeletes } from '../../src/contract/schemas/certificate.js';
import { errorAnswer } from '../../src/contract/schemas/error.js';
import { ERROR_CODES } from '../../src/errors/codes.js';
import type { Endpoint, Method, MethodSpec } from '../../src/http/endpoint.js';
import { expectErrorAnswer } from '../support/contract.js';

const page = await readFile('docs/api.md', 'utf8');
const names = (await readdir('netlify/functions'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''))
  // Answers no request.
  .filter((name) => name !== 'deploy-succeeded');

/** The part of the page under an endpoint's heading. */
function sectionOf(name: string): string {
  return page.split(/^## /m).find((section) => section.startsWith(`${name}\n`)) ?? '';
}

async function endpointOf(name: string): Promise<Endpoint<Services>> {
  const exports = Object.values<Partial<Endpoint<Services>>>(
    await import(`../../src/api/${name}.ts`),
  );
  const endpoint = exports.find((one): one is Endpoint<Services> => one.name === name);
  if (!endpoint) throw new Error(`There is no endpoint ${name}.`);
  return endpoint;
}

/** The fields that a schema knows; those that are only carried along have no type. */
function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return [];
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties)
    .filter(([, property]) => Object.keys(Object(property)).some((key) => key !== 'description'))
    .map(([field]) => field);
}

/** Each by itself: of a union's issues Zod may tell those of the option that fits less. */
function alternatives(schema: z.core.$ZodType): z.core.$ZodType[] {
  return schema instanceof z.ZodUnion ? schema.options.flatMap(alternatives) : [schema];
}

/** A shortened example may lack fields, but has no other field, and no other value. */
function isAdmitted(
  schema: z.core.$ZodType,
  { value, isShortened }: { value: unknown; isShortened: boolean },
) {
  const { error } = z.safeParse(schema, value);
  return !error || (isShortened && error.issues.every((issue) => isOfGap(issue)));
}

function isOfGap(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.some((all) => all.every(isOfGap));
  // An ellipsis also stands for the end of a long text.
  return (
    issue.code !== 'unrecognized_keys' && /received undefined|expected one of/.test(issue.message)
  );
}

const inputsOf = ({ query, body }: MethodSpec<Services>) => [...fieldsOf(query), ...fieldsOf(body)];

describe('the page of the API', () => {
  const described = names.filter((name) => name !== 'sync-worker-background');

  it.each(described)('has the methods and every field of %s', async (name) => {
    const section = sectionOf(name);
    const { methods } = await endpointOf(name);
    expect(Object.keys(methods).filter((method) => !section.includes(`**${method}**`))).toEqual([]);
    const fields = Object.values(methods).flatMap(inputsOf);
    // The platform's own field of a scheduled call.
    const ours = fields.filter((field) => field !== 'next_run');
    expect(ours.filter((field) => !new RegExp(`\\b${field}\\b`).test(section))).toEqual([]);
  });

  it('has every setting', () => {
    expect(SETTING_KEYS.filter((key) => !sectionOf('sync-settings').includes(key))).toEqual([]);
  });

  it('names no error that there is none of', () => {
    const named = [...page.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([code]) => code);
    const variables = ['API_TOKEN', 'API_READ_TOKEN', 'ALERT_WEBHOOK_SECRET', 'CSWMS'];
    const unknown = named.filter(
      (code) => !Object.hasOwn(ERROR_CODES, code) && !variables.includes(code),
    );
    expect([...new Set(unknown)].filter((code) => !page.includes(`${code}_*`))).toEqual([]);
  });

  it.each(described)('has examples of %s that its contract admits', (name) => {
    const contract = CONTRACTS.find(({ endpoint }) => endpoint.name === name);
    const operations = Object.entries(contract?.operations ?? {});
    const bodies = operations.flatMap(([, { answers, error }]) => [
      ...Object.values(answers).map(({ body }) => body),
      ...(error ? [error] : []),
    ]);
    for (const example of examplesOf(sectionOf(name))) {
      if (example.kind === 'request') {
        const spec = contract?.endpoint.methods[example.method as Method];
        expect(spec, JSON.stringify(example)).toBeDefined();
        expect(spec?.query?.safeParse(example.query).error).toBeUndefined();
        expect(spec?.body?.safeParse(example.body ?? {}).error).toBeUndefined();
      } else {
        const candidates = [...bodies, errorAnswer, heldDeletes].flatMap(alternatives);
        const fits = candidates.some((schema) => isAdmitted(schema, example));
        expect(fits, JSON.stringify(example.value)).toBe(true);
      }
    }
  });

  it('has examples of errors in both forms, with every field', () => {
    const answers = examplesOf(sectionOf('Requests and errors')).flatMap((example) =>
      example.kind === 'answer' ? [example.value] : [],
    );
    expect(answers).toHaveLength(2);
    for (const answer of answers) expectErrorAnswer(answer);
  });

  it('mentions the worker, which is nobody else’s', () => {
    expect(page).toContain('sync-worker-background');
  });
});
