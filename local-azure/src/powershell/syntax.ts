/**
 * PowerShell's syntax, by the grammar that VS Code ships (tree-sitter-powershell, as WebAssembly). It
 * is a parser of its own, not Microsoft's: what it refuses is wrong, what it takes is nearly always
 * right.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import treeSitter from '@vscode/tree-sitter-wasm';
import { NotModelled } from './values.ts';

/** A node of the syntax tree, or a bare token of it (`named` is then false). */
export interface Node {
  readonly type: string;
  readonly named: boolean;
  readonly text: string;
  /** Where it begins in the script, in UTF-16 units. */
  readonly start: number;
  readonly kids: readonly Node[];
}

/** A place where a script is not PowerShell. */
interface SyntaxFault {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

await treeSitter.Parser.init();
const grammar = fileURLToPath(
  import.meta
    .resolve('@vscode/tree-sitter-wasm')
    .replace('tree-sitter.js', 'tree-sitter-powershell.wasm'),
);
const parser = new treeSitter.Parser();
parser.setLanguage(await treeSitter.Language.load(readFileSync(grammar)));

/** Parses a script; a byte order mark is no part of it. */
export function parse(script: string): { readonly root: Node; readonly faults: SyntaxFault[] } {
  const tree = parser.parse(script.replace(/^\uFEFF/, ''));
  if (!tree) throw new Error('The parser gave up');
  const faults: SyntaxFault[] = [];
  const root = convert(tree.rootNode, faults);
  tree.delete();
  return { root, faults };
}

type SyntaxNode = NonNullable<ReturnType<typeof parser.parse>>['rootNode'];

function convert(node: SyntaxNode, faults: SyntaxFault[]): Node {
  if (node.isError || node.isMissing)
    faults.push({ line: node.startPosition.row + 1, text: node.text.slice(0, 60) });
  return {
    type: node.type,
    named: node.isNamed,
    text: node.text,
    start: node.startIndex,
    kids: node.children.flatMap((kid) => (kid ? [convert(kid, faults)] : [])),
  };
}

/** All nodes of some types, in the order of the script. */
export function* nodesOf(node: Node, ...types: string[]): Generator<Node> {
  if (types.includes(node.type)) yield node;
  for (const kid of node.kids) yield* nodesOf(kid, ...types);
}

/** The first child of a type. */
export const child = (node: Node | undefined, type: string): Node | undefined =>
  node?.kids.find((kid) => kid.type === type);

/** The child of a type that must be there for the script to be understood. */
export function need(node: Node, type: string): Node {
  const found = child(node, type);
  if (!found) throw new NotModelled(`${node.type} without ${type}: ${node.text.slice(0, 60)}`);
  return found;
}
