/** Operators, literals and members. */
import type { Node } from './syntax.ts';
import { compare, isTrue, listOf, NotModelled, textOf, type Value } from './values.ts';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

/** The text of a literal without its quotation marks. */
export function verbatim(node: Node): string {
  if (node.type === 'verbatim_here_string_characters')
    return node.text.replace(/^@'\r?\n/, '').replace(/\r?\n'@$/, '');
  return node.text.slice(1, -1).replaceAll("''", "'");
}

/** The pieces of an expandable string: text as it is, nodes to be evaluated. */
export function piecesOf(node: Node): (string | Node)[] {
  const pieces: (string | Node)[] = [];
  let at = 1;
  for (const kid of node.kids.filter(({ named }) => named)) {
    const from = kid.start - node.start;
    pieces.push(unescaped(node.text.slice(at, from)), kid);
    at = from + kid.text.length;
  }
  pieces.push(unescaped(node.text.slice(at, -1)));
  return pieces;
}

const unescaped = (text: string): string =>
  text.replaceAll('""', '"').replace(/`(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);

/** `left operator right`, where both are values. */
export function binary(operator: string, left: Value, right: Value): Value {
  const name = operator.toLowerCase();
  const relation = RELATIONS[name];
  if (relation) {
    const holds = (each: Value) => relation(each, right);
    return Array.isArray(left) ? left.filter(holds) : holds(left);
  }
  switch (name) {
    case '+':
      if (Array.isArray(left)) return [...left, ...listOf(right)];
      return typeof left === 'number' ? left + Number(right) : textOf(left) + textOf(right);
    case '-':
      return Number(left) - Number(right);
    case '-join':
      return listOf(left).map(textOf).join(textOf(right));
    case '-replace': {
      const [pattern, by] = listOf(right).map(textOf);
      return textOf(left).replace(new RegExp(pattern ?? '', 'gi'), by ?? '');
    }
    case '-contains':
      return listOf(left).some((each) => compare(each, right) === 0);
    case '-notcontains':
      return !listOf(left).some((each) => compare(each, right) === 0);
    case '-in':
      return listOf(right).some((each) => compare(left, each) === 0);
  }
  throw new NotModelled(`operator ${operator}`);
}

/** A pattern with * and ?, of the whole text; sets in brackets are not known. */
function wildcard(pattern: Value): RegExp {
  const text = textOf(pattern);
  if (/[[\]`]/.test(text)) throw new NotModelled(`the pattern ${text}`);
  const literal = text.replace(/[.+^${}()|\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is');
}

/** Of an array, these give the elements for which they hold. */
const RELATIONS: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  '-eq': (left, right) => compare(left, right) === 0,
  '-ne': (left, right) => compare(left, right) !== 0,
  '-lt': (left, right) => compare(left, right) < 0,
  '-le': (left, right) => compare(left, right) <= 0,
  '-gt': (left, right) => compare(left, right) > 0,
  '-ge': (left, right) => compare(left, right) >= 0,
  '-like': (left, right) => wildcard(right).test(textOf(left)),
  '-notlike': (left, right) => !wildcard(right).test(textOf(left)),
  '-match': (left, right) => new RegExp(textOf(right), 'i').test(textOf(left)),
  '-notmatch': (left, right) => !new RegExp(textOf(right), 'i').test(textOf(left)),
};

/** `[type] value`. */
export function cast(type: string, value: Value): Value {
  switch (type.toLowerCase()) {
    case 'bool':
      return isTrue(value);
    case 'int':
      return Math.round(Number(value ?? 0));
    case 'string':
      return textOf(value);
    case 'string[]':
      return listOf(value).map(textOf);
  }
  throw new NotModelled(`cast to [${type}]`);
}
