import { openapiDocument } from './document.js';

/** The document as its file holds it. @param page docs/api.md */
export function openapiText(page: string): string {
  return `${JSON.stringify(openapiDocument(page), null, 1)}\n`;
}
