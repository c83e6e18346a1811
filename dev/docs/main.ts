/** `npm run docs`: makes the pages that are made from code. */
import { readFile, writeFile } from 'node:fs/promises';
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.js';
import { errorsPage } from './errors.js';

const source = await readFile('src/errors/codes.ts', 'utf8');
await writeFile('docs/errors.md', errorsPage(source, Object.keys(ERROR_CODES) as ErrorCode[]));
console.log('✓ docs/errors.md');
