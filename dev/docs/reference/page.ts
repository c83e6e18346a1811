import { isSchema, type JsonSchema } from '../openapi/json-schema.js';
import { fieldsOf } from './fields.js';
import { html, prose } from './html.js';
import { operationHtml } from './operation.js';

/**
 * The reference as one page without scripts, which the site's policy forbids.
 * @param document OpenAPI; its texts are shown as text, whatever they hold
 */
export function referencePage({ info, paths, components }: JsonSchema): string {
  const { title, version, description } = isSchema(info) ? info : {};
  const endpoints = Object.entries(isSchema(paths) ? paths : {}).filter(isEntryOfSchema);
  const schemas = isSchema(components) && isSchema(components.schemas) ? components.schemas : {};
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>API reference: ${String(title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/reference.css">
</head>
<body>
<a class="skip" href="#content">Skip to the reference</a>
<header><h1>${String(title)}</h1><p>API reference, version ${String(version)} · <a href="/api/openapi">openapi.json</a></p></header>
<nav aria-label="Endpoints"><ul>${endpoints.map(
    ([path]) => html`<li><a href="#${path.slice(1)}">${path.slice(1)}</a></li>`,
  )}<li><a href="#schemas">Schemas</a></li></ul></nav>
<main id="content" tabindex="-1">
${blocks(String(description))}
<p>Every error answer is an <a href="#schema-Error">Error</a>; with each status its codes are listed. Fields marked <b class="always">always</b> are in every answer, others where they apply.</p>
${endpoints.map(
  ([path, methods]) => html`
<section aria-labelledby="${path.slice(1)}">
<h2 id="${path.slice(1)}">${path.slice(1)}</h2>
${Object.entries(methods)
  .filter(isEntryOfSchema)
  .map(([method, one]) => operationHtml(path, method, one))}
</section>`,
)}
<section aria-labelledby="schemas">
<h2 id="schemas">Schemas</h2>
${Object.entries(schemas).map(
  ([name, schema]) => html`
<article id="schema-${name}" aria-labelledby="schema-${name}-name"><h3 id="schema-${name}-name"><code>${name}</code></h3>
${isSchema(schema) && typeof schema.description === 'string' ? html`<p>${prose(schema.description)}</p>` : ''}${codesOf(schema) ?? fieldsOf(schema, 'always')}</article>`,
)}
</section>
</main>
</body>
</html>
`;
  return page.text;
}

function isEntryOfSchema(entry: [string, unknown]): entry is [string, JsonSchema] {
  return isSchema(entry[1]);
}

/** Paragraphs and one list, as the description has them. */
function blocks(text: string) {
  return text.split('\n\n').map((block) => {
    const items = block.split(/^- /m).filter((item) => item.trim() !== '');
    if (!block.startsWith('- ')) return html`<p>${prose(block)}</p>`;
    return html`<ul>${items.map((item) => html`<li>${prose(item.trim())}</li>`)}</ul>`;
  });
}

function codesOf(schema: unknown) {
  const codes = isSchema(schema) ? schema['x-extensible-enum'] : undefined;
  if (!Array.isArray(codes)) return undefined;
  return html`<p class="codes">${codes.map((code) => html`<code>${String(code)}</code> `)}</p>`;
}
