/** `npm run docs`: makes the pages that are made from code. */
import { readFile, writeFile } from 'node:fs/promises';
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.js';
import { errorsPage } from './errors.js';
import { licencesPage } from './licences.js';
import { openapiDocument } from './openapi/document.js';
import { referencePage } from './reference/page.js';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const api = await readFile('docs/api.md', 'utf8');
const document = openapiDocument(api);
const pages = {
  'docs/errors.md': errorsPage(await readFile('src/errors/codes.ts', 'utf8'), codes),
  'docs/openapi.json': `${JSON.stringify(document, null, 1)}\n`,
  'public/docs/index.html': referencePage(document),
  'docs/licences.md': licencesPage(await readFile('package-lock.json', 'utf8')),
};
for (const [path, page] of Object.entries(pages)) {
  await writeFile(path, page);
  console.log(`✓ ${path}`);
}
