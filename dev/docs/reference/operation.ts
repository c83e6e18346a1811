import { isSchema, type JsonSchema } from '../openapi/json-schema.js';
import { fieldsOf, row } from './fields.js';
import { type Html, html, prose } from './html.js';
import { typeOf } from './schema-type.js';

/** One method of one endpoint. */
export function operationHtml(path: string, method: string, operation: JsonSchema): Html {
  const { operationId, summary, description, parameters, responses } = operation;
  const all = Array.isArray(parameters) ? parameters.filter(isSchema) : [];
  return html`
<article id="${String(operationId)}" aria-labelledby="${String(operationId)}-name">
<h3 id="${String(operationId)}-name"><span class="method">${method.toUpperCase()}</span> <code>${path}</code></h3>
<p>${prose(String(summary))}. <span class="access">${accessOf(operation.security)}</span></p>
${typeof description === 'string' ? html`<p>${prose(description)}</p>` : ''}
${all.length > 0 ? html`<h4>Query</h4><dl class="fields">${all.map(parameterRow)}</dl>` : ''}
${bodyHtml(operation.requestBody)}
<h4>Answers</h4>
${Object.entries(isSchema(responses) ? responses : {}).map(([status, one]) => answerHtml(status, one))}
</article>`;
}

function parameterRow({ name, required, description, schema }: JsonSchema): Html {
  const field = {
    ...(isSchema(schema) && schema),
    ...(description !== undefined && { description }),
  };
  return row(String(name), field, required === true ? 'required' : undefined, 'required');
}

function accessOf(security: unknown): string {
  const entries = Array.isArray(security) ? security.filter(isSchema) : [];
  const roles = entries.map(({ token }) => (Array.isArray(token) ? String(token[0]) : 'none'));
  if (roles.includes('none')) return roles.length > 1 ? 'Open, or with a read token.' : 'Open.';
  return roles[0] === 'read' ? 'Needs a read token.' : 'Needs a write token.';
}

function jsonOf(holder: unknown): JsonSchema | undefined {
  const content = isSchema(holder) && isSchema(holder.content) ? holder.content : {};
  const json = content['application/json'];
  return isSchema(json) ? json : undefined;
}

function bodyHtml(requestBody: unknown): Html {
  const json = jsonOf(requestBody);
  if (!json) return html``;
  const examples = Object.values(isSchema(json.examples) ? json.examples : {}).filter(isSchema);
  return html`<h4>Body</h4>${fieldsOf(json.schema, 'required')}${examples.map(({ value }) => code(value))}`;
}

/** Successes are open, errors are a list of codes: their answers are all alike. */
function answerHtml(status: string, answer: unknown): Html {
  const json = jsonOf(answer);
  const text = prose(isSchema(answer) ? String(answer.description) : '');
  const isLink = isSchema(json?.schema) && !isSchema(json.schema.properties);
  // All errors are alike, which the page says once.
  const type =
    json && isLink && Number(status) < 400
      ? html` <span class="type">${typeOf(json.schema)}</span>`
      : '';
  const line = html`<b class="status s${status[0]}">${status}</b> ${text}${type}`;
  const fields = json && !isLink ? fieldsOf(json.schema, 'always') : html``;
  const example = json && 'example' in json ? code(json.example) : html``;
  if (fields.text === '' && example.text === '') return html`<p class="answer">${line}</p>`;
  return html`<details class="answer"><summary>${line}</summary>${fields}${example}</details>`;
}

function code(value: unknown): Html {
  return html`<pre tabindex="0"><code>${JSON.stringify(value, null, 2)}</code></pre>`;
}
