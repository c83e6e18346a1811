import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const ROOT = new URL('../../', import.meta.url);

/**
 * The texts of several words in the files of a folder, such as `src/api`: what a caller, an operator
 * or a reader of the log is told, with … for what is filled in. By the path of the file, sorted.
 */
export function textsByFile(folder: string): Map<string, string[]> {
  const names = readdirSync(new URL(`${folder}/`, ROOT)).filter((name) => name.endsWith('.ts'));
  return new Map(names.map((name) => [`${folder}/${name}`, textsOf(`${folder}/${name}`)]));
}

function textsOf(file: string): string[] {
  const source = readFileSync(new URL(file, ROOT), 'utf8');
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest);
  return [...new Set(textsIn(tree))].filter((text) => /\w['’]?\s\S/.test(text)).sort();
}

function textsIn(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return [];
  const own = textOf(node);
  const texts = own === undefined ? [] : [own];
  ts.forEachChild(node, (child) => {
    texts.push(...textsIn(child));
  });
  return texts;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…');
}
