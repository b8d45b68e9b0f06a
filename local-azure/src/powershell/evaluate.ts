/** Evaluates expressions; what holds statements is the interpreter's. */
import { binary, cast, piecesOf, verbatim } from './expressions.ts';
import type { Host } from './host.ts';
import type { Scope } from './scope.ts';
import { child, type Node, need } from './syntax.ts';
import {
  callMethod,
  isTrue,
  listOf,
  memberOf,
  NotModelled,
  type Running,
  ScriptBlock,
  textOf,
  unwrapped,
  type Value,
} from './values.ts';

/** What an expression may hold that is no expression. */
export interface Statements {
  statement(node: Node, scope: Scope, out: (value: Value) => void): Running<void>;
  /** The output of a pipeline as one value. */
  value(pipeline: Node, scope: Scope): Running<Value>;
}

export class Evaluator {
  readonly #host: Host;
  readonly #statements: Statements;

  constructor(host: Host, statements: Statements) {
    this.#host = host;
    this.#statements = statements;
  }

  *expression(node: Node, scope: Scope): Running<Value> {
    const parts = node.kids.filter(({ type }) => type !== ',');
    switch (node.type) {
      case 'variable':
        return this.#variable(node.text, scope);
      case 'integer_literal':
      case 'decimal_integer_literal':
        return Number(node.text);
      case 'verbatim_string_characters':
      case 'verbatim_here_string_characters':
        return verbatim(node);
      case 'expandable_string_literal': {
        let text = '';
        for (const piece of piecesOf(node))
          text += typeof piece === 'string' ? piece : textOf(yield* this.expression(piece, scope));
        return text;
      }
      case 'sub_expression':
      case 'array_expression': {
        const collected: Value[] = [];
        for (const kid of parts)
          if (kid.named)
            yield* this.#statements.statement(kid, scope, (value) => void collected.push(value));
        return node.type === 'array_expression' ? collected : unwrapped(collected);
      }
      case 'parenthesized_expression':
        return yield* this.#statements.value(need(node, 'pipeline'), scope);
      case 'script_block_expression':
        return new ScriptBlock(child(node, 'script_block'));
      case 'member_access':
      case 'invokation_expression':
        return yield* this.#member(node, scope);
      case 'element_access': {
        const list = listOf(yield* this.expression(operand(parts[0]), scope));
        return list.at(Number(yield* this.expression(operand(parts[2]), scope))) ?? null;
      }
      case 'cast_expression':
        return cast(typeName(operand(parts[0])), yield* this.expression(operand(parts[1]), scope));
      case 'expression_with_unary_operator': {
        if (parts.length === 1) return yield* this.expression(operand(parts[0]), scope);
        const value = yield* this.expression(operand(parts[1]), scope);
        if (parts[0]?.text === '-') return -Number(value);
        if (/^(-not|!)$/i.test(parts[0]?.text ?? '')) return !isTrue(value);
        throw new NotModelled(`operator ${parts[0]?.text}`);
      }
      case 'array_literal_expression': {
        if (parts.length === 1) break;
        const values: Value[] = [];
        for (const part of parts) values.push(yield* this.expression(part, scope));
        return values;
      }
      case 'logical_expression': {
        if (parts.length === 1) break;
        const left = isTrue(yield* this.expression(operand(parts[0]), scope));
        const and = /^-and$/i.test(parts[1]?.text ?? '');
        if (left !== and) return left;
        return isTrue(yield* this.expression(operand(parts[2]), scope));
      }
    }
    if (parts.length === 1) return yield* this.expression(operand(parts[0]), scope);
    if (parts.length === 3 && /_expression$/.test(node.type)) {
      const left = yield* this.expression(operand(parts[0]), scope);
      const right = yield* this.expression(operand(parts[2]), scope);
      return binary(parts[1]?.text ?? '', left, right);
    }
    throw new NotModelled(`${node.type}: ${node.text.slice(0, 60)}`);
  }

  *#member(node: Node, scope: Scope): Running<Value> {
    const [target, , member, list] = node.kids;
    const name =
      member?.kids[0]?.type === 'variable'
        ? textOf(this.#variable(member.text, scope))
        : (member?.text ?? '');
    const args: Value[] = [];
    for (const each of child(list, 'argument_expression_list')?.kids ?? [])
      if (each.named) args.push(yield* this.expression(each, scope));
    if (target?.type === 'type_literal') {
      const found = this.#host.staticMember(typeName(target).toLowerCase(), name.toLowerCase());
      if (found === undefined) throw new NotModelled(`${target.text}::${name}`);
      return list && typeof found === 'function' ? found(...args) : found;
    }
    const value = yield* this.expression(operand(target), scope);
    return list ? callMethod(value, name, args) : memberOf(value, name);
  }

  #variable(text: string, scope: Scope): Value {
    const name = text
      .slice(1)
      .replace(/^\{(.*)\}$/, '$1')
      .toLowerCase();
    if (name === 'true') return true;
    if (name === 'false') return false;
    if (name.startsWith('env:')) return this.#host.environment[name.slice(4)] ?? null;
    if (name.startsWith('script:')) return scope.root.get(name.slice(7));
    return scope.get(name);
  }
}

function operand(node: Node | undefined): Node {
  if (!node) throw new NotModelled('an expression without an operand');
  return node;
}

const typeName = (node: Node): string => node.text.replace(/^\[|\]$/g, '').trim();
