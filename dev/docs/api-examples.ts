/** An example of docs/api.md. */
export type ApiExample =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly query: Readonly<Record<string, string>>;
      /** Undefined: none is sent. */
      readonly body?: unknown;
    }
  | {
      readonly kind: 'answer';
      readonly value: unknown;
      /** Parts of it are left out: `…`. */
      readonly isShortened: boolean;
    };

/** The part of the page under each endpoint's heading. */
export function sectionsOf(page: string): Map<string, string> {
  const sections = page.split(/^## /m).slice(1);
  return new Map(sections.map((section) => [section.split('\n')[0] ?? '', section]));
}

/** @throws SyntaxError where an example is no JSON */
export function examplesOf(section: string): ApiExample[] {
  const blocks = section.matchAll(/^```(sh|json)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, language, text = '']) =>
    language === 'json' ? [answerOf(text)] : requestsOf(text),
  );
}

function answerOf(text: string): ApiExample {
  const isShortened = text.includes('…');
  return { kind: 'answer', value: JSON.parse(isShortened ? withoutGaps(text) : text), isShortened };
}

/** Without what stands for the parts that are left out: an item, a field, or the end of a text. */
function withoutGaps(text: string): string {
  return text
    .replace(/,\s*…(?=\s*[\]}])/g, '')
    .replace(/(?<!")…\s*,?(?=\s*[{"])/g, '')
    .replace(/(?<=[[{]\s*)…(?=\s*[\]}])/g, '');
}

function requestsOf(text: string): ApiExample[] {
  const commands = text.replaceAll('\\\n', ' ').split(/^(?=curl )/m);
  return commands.flatMap((command): ApiExample[] => {
    const url = /"\$api\/([^"]+)"/.exec(command)?.[1];
    if (url === undefined) return [];
    const method = /-X (\w+)/.exec(command)?.[1] ?? 'GET';
    const query = Object.fromEntries(new URL(url, 'http://localhost').searchParams);
    const body = /-d '(.*?)'/s.exec(command)?.[1];
    return [
      { kind: 'request', method, query, ...(body !== undefined && { body: JSON.parse(body) }) },
    ];
  });
}
