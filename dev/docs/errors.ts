import { type ErrorCode, entryOf } from '../../src/errors/codes.js';

interface Group {
  readonly title: string;
  readonly codes: readonly ErrorCode[];
}

const INTRODUCTION = `# Error codes

Generated from \`src/errors/codes.ts\` by \`npm run docs\`; don't edit this page.

Every error answer is \`{ error, code, remedy, details, requestId, timestamp }\`: \`error\` says what happened
and what to do, \`details\` names fields or quotes the other system, and the log has more under
\`requestId\`. A failed run keeps its error, code and details in its job and history entry.

*Recovery*: **retriable** failures are retried by the backend itself, and the same request may
succeed later; **fatal** ones fail again until the cause is removed; for **skippable** ones the backend
has an alternative, which it uses.
`;

/**
 * The catalogue as a page, a table for each group.
 * @param source the text of `src/errors/codes.ts`: its comments are the groups' titles
 * @throws Error for a code without a group
 */
export function errorsPage(source: string, codes: readonly ErrorCode[]): string {
  return [INTRODUCTION, ...groupsOf(source, codes).map(section)].join('\n');
}

function groupsOf(source: string, codes: readonly ErrorCode[]): Group[] {
  const groups: { title: string; codes: ErrorCode[] }[] = [];
  for (const [, title, name] of source.matchAll(/^ {2}(?:\/\/ (.+)|([A-Z_]+): \{)$/gm)) {
    if (title !== undefined) groups.push({ title, codes: [] });
    const code = codes.find((known) => known === name);
    if (code) groups.at(-1)?.codes.push(code);
  }
  const grouped = new Set(groups.flatMap((group) => group.codes));
  const missing = codes.filter((code) => !grouped.has(code));
  if (missing.length > 0) throw new Error(`In no group: ${missing.join(', ')}`);
  return groups;
}

function section({ title, codes }: Group): string {
  const rows = codes.map((code) => {
    const { status, recovery, meaning, action } = entryOf(code);
    return `| \`${code}\` | ${status} | ${recovery} | ${cell(meaning)} | ${cell(action)} |`;
  });
  return `## ${title}

| code | HTTP | recovery | meaning | what to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** What would end a cell, or be taken for a tag, is escaped; not so within backticks. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('|', '\\|');
}
