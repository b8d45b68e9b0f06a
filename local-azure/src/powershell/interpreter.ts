/**
 * An interpreter of as much of PowerShell as scripts for a guest need, over the syntax tree: functions,
 * pipelines, loops, errors, and time. What it does not know it refuses by name (`NotModelled`), so that
 * no script passes by being misunderstood. Commands that act on a machine are the host's.
 *
 * Simplified: a pipeline hands on whole lists, stage by stage; a script block has the scope of its
 * caller; there are no modules, providers or formatting.
 */
import { argumentsOf } from './arguments.ts';
import { Evaluator, type Statements } from './evaluate.ts';
import { binary } from './expressions.ts';
import type { Host } from './host.ts';
import { Scope } from './scope.ts';
import { child, type Node, need, parse } from './syntax.ts';
import {
  Exit,
  isTrue,
  listOf,
  NotModelled,
  PowerShellError,
  type Running,
  ScriptBlock,
  textOf,
  unwrapped,
  type Value,
} from './values.ts';

class Break extends Error {}
class Continue extends Error {}
class Return extends Error {}

type Out = (value: Value) => void;

/** Runs a script to its end; gives its exit code. Output goes to `out` as it comes, errors to `err`. */
export function* runScript(
  script: string,
  host: Host,
  out: Out,
  err: (text: string) => void,
): Running<number> {
  const { root, faults } = parse(script);
  const fault = faults[0];
  if (fault) {
    err(`At line ${fault.line}: unexpected token '${fault.text}'.`);
    return 1;
  }
  const scope = new Scope();
  for (const [name, value] of Object.entries(host.variables)) scope.names.set(name, value);
  try {
    yield* new Interpreter(host, err).statements(root, scope, out);
    return 0;
  } catch (thrown) {
    if (thrown instanceof Exit) return thrown.code;
    if (thrown instanceof Return || thrown instanceof Break) return 0;
    if (!(thrown instanceof PowerShellError)) throw thrown;
    err(thrown.message);
    return 1;
  }
}

class Interpreter implements Statements {
  readonly #host: Host;
  readonly #err: (text: string) => void;
  readonly #functions = new Map<string, ScriptBlock>();
  readonly #evaluator: Evaluator;

  constructor(host: Host, err: (text: string) => void) {
    this.#host = host;
    this.#err = err;
    this.#evaluator = new Evaluator(host, this);
  }

  *statements(list: Node, scope: Scope, out: Out): Running<void> {
    for (const each of list.kids) if (each.named) yield* this.statement(each, scope, out);
  }

  *statement(node: Node, scope: Scope, out: Out): Running<void> {
    switch (node.type) {
      case 'comment':
      case 'empty_statement':
        return;
      case 'statement_list':
      case 'statement_block':
      case 'script_block':
      case 'script_block_body':
        return yield* this.statements(node, scope, out);
      case 'pipeline':
        return yield* this.#pipeline(node, scope, out);
      case 'function_statement':
        return this.#define(node);
      case 'if_statement':
        return yield* this.#if(node, scope, out);
      case 'while_statement':
        return yield* this.#while(node, scope, out);
      case 'foreach_statement':
        return yield* this.#foreach(node, scope, out);
      case 'try_statement':
        return yield* this.#try(node, scope, out);
      case 'flow_control_statement':
        return yield* this.#flow(node, scope, out);
    }
    throw new NotModelled(`${node.type}: ${node.text.slice(0, 60)}`);
  }

  #define(node: Node): void {
    const name = child(node, 'function_name')?.text.toLowerCase() ?? '';
    const list = child(child(node, 'function_parameter_declaration'), 'parameter_list');
    const parameters = (list?.kids ?? [])
      .filter(({ type }) => type === 'script_parameter')
      .map((each) => (child(each, 'variable')?.text ?? '').slice(1).toLowerCase());
    this.#functions.set(name, new ScriptBlock(child(node, 'script_block'), parameters));
  }

  *#if(node: Node, scope: Scope, out: Out): Running<void> {
    const clauses = [node, ...(child(node, 'elseif_clauses')?.kids ?? [])];
    for (const clause of clauses)
      if (isTrue(yield* this.value(need(clause, 'pipeline'), scope)))
        return yield* this.statement(need(clause, 'statement_block'), scope, out);
    const otherwise = child(child(node, 'else_clause'), 'statement_block');
    if (otherwise) yield* this.statement(otherwise, scope, out);
  }

  *#while(node: Node, scope: Scope, out: Out): Running<void> {
    const condition = need(need(node, 'while_condition'), 'pipeline');
    const body = need(node, 'statement_block');
    try {
      while (isTrue(yield* this.value(condition, scope))) yield* this.#turn(body, scope, out);
    } catch (thrown) {
      if (!(thrown instanceof Break)) throw thrown;
    }
  }

  *#foreach(node: Node, scope: Scope, out: Out): Running<void> {
    const name = need(node, 'variable').text.slice(1).toLowerCase();
    const items = listOf(yield* this.value(need(node, 'pipeline'), scope));
    try {
      for (const item of items) {
        scope.names.set(name, item);
        yield* this.#turn(need(node, 'statement_block'), scope, out);
      }
    } catch (thrown) {
      if (!(thrown instanceof Break)) throw thrown;
    }
  }

  /** One turn of a loop. */
  *#turn(body: Node, scope: Scope, out: Out): Running<void> {
    try {
      yield* this.statement(body, scope, out);
    } catch (thrown) {
      if (!(thrown instanceof Continue)) throw thrown;
    }
  }

  *#try(node: Node, scope: Scope, out: Out): Running<void> {
    const handler = child(child(child(node, 'catch_clauses'), 'catch_clause'), 'statement_block');
    try {
      yield* this.statement(need(node, 'statement_block'), scope, out);
    } catch (thrown) {
      if (!(thrown instanceof PowerShellError) || !handler) throw thrown;
      scope.names.set('_', { Exception: { Message: thrown.message } });
      yield* this.statement(handler, scope, out);
    } finally {
      const last = child(child(node, 'finally_clause'), 'statement_block');
      if (last) yield* this.statement(last, scope, out);
    }
  }

  *#flow(node: Node, scope: Scope, out: Out): Running<void> {
    const operand = child(node, 'pipeline');
    switch (node.kids[0]?.type) {
      case 'break':
        throw new Break();
      case 'continue':
        throw new Continue();
      case 'return':
        if (operand) yield* this.#pipeline(operand, scope, out);
        throw new Return();
      case 'exit':
        throw new Exit(operand ? Number((yield* this.value(operand, scope)) ?? 0) : 0);
      case 'throw':
        throw new PowerShellError(
          operand ? textOf(yield* this.value(operand, scope)) : 'ScriptHalted',
        );
    }
    throw new NotModelled(node.text);
  }

  *#pipeline(node: Node, scope: Scope, out: Out): Running<void> {
    const [only] = node.kids;
    if (only?.type === 'assignment_expression') return yield* this.#assign(only, scope);
    const stages = (only?.type === 'pipeline_chain' ? only : node).kids.filter(
      ({ named }) => named,
    );
    let input: Value[] = [];
    for (const [index, stage] of stages.entries()) {
      const collected: Value[] = [];
      const sink = index === stages.length - 1 ? out : (value: Value) => void collected.push(value);
      if (stage.type === 'command') yield* this.#command(stage, scope, input, sink);
      else for (const each of listOf(yield* this.#evaluator.expression(stage, scope))) sink(each);
      input = collected;
    }
  }

  /** The output of a pipeline as one value. An expression alone keeps its shape, such as an empty list. */
  *value(pipeline: Node, scope: Scope): Running<Value> {
    const [chain] = pipeline.kids;
    const [only] = chain?.kids ?? [];
    if (
      chain?.type === 'pipeline_chain' &&
      chain.kids.length === 1 &&
      only &&
      only.type !== 'command'
    )
      return yield* this.#evaluator.expression(only, scope);
    const collected: Value[] = [];
    yield* this.#pipeline(pipeline, scope, (value) => void collected.push(value));
    return unwrapped(collected);
  }

  *#assign(node: Node, scope: Scope): Running<void> {
    const [left, operator, right] = node.kids;
    if (!left || !operator || !right) throw new NotModelled(node.text);
    const name = left.text.trim().slice(1).toLowerCase();
    const value = yield* this.value(right, scope);
    const target = name.startsWith('script:') ? scope.root : scope;
    const key = name.replace(/^script:/, '');
    if (key === 'null') return;
    if (operator.text === '=') target.names.set(key, value);
    else if (operator.text === '+=') {
      const old = target.get(key);
      target.names.set(key, old === null ? value : binary('+', old, value));
    } else throw new NotModelled(`assignment ${operator.text}`);
  }

  *#command(node: Node, scope: Scope, input: readonly Value[], out: Out): Running<void> {
    const each = child(node, 'foreach_command');
    if (each) {
      const block = new ScriptBlock(child(need(each, 'script_block_expression'), 'script_block'));
      for (const item of input)
        for (const value of listOf(yield* this.#invoke(block, item, scope))) out(value);
      return;
    }
    const called = child(node, 'command_name_expr');
    const name = called
      ? textOf(yield* this.#evaluator.expression(need(called, called.kids[0]?.type ?? ''), scope))
      : need(node, 'command_name').text;
    const { args, named } = yield* argumentsOf(
      child(node, 'command_elements'),
      scope,
      this.#evaluator,
    );
    const own = this.#functions.get(name.toLowerCase());
    if (own) return yield* this.#callFunction(own, args, scope, out);
    const command = this.#host.command(name.toLowerCase());
    const invoke = (block: ScriptBlock, item: Value) => this.#invoke(block, item, scope);
    try {
      if (!command) throw new NotModelled(`command ${name}`);
      const running = command({ name, args, named, input, out, invoke });
      if (running) yield* running;
    } catch (thrown) {
      if (!(thrown instanceof PowerShellError)) throw thrown;
      const action = textOf(named.get('erroraction') ?? scope.get('erroractionpreference'));
      if (/^silentlycontinue$/i.test(action)) return;
      if (/^stop$/i.test(action)) throw thrown;
      this.#err(thrown.message);
    }
  }

  *#callFunction(
    block: ScriptBlock,
    args: readonly Value[],
    scope: Scope,
    out: Out,
  ): Running<void> {
    const frame = new Scope(scope);
    for (const [index, name] of block.parameters.entries())
      frame.names.set(name, args[index] ?? null);
    try {
      if (block.body) yield* this.statement(block.body, frame, out);
    } catch (thrown) {
      if (!(thrown instanceof Return)) throw thrown;
    }
  }

  *#invoke(block: ScriptBlock, item: Value, scope: Scope): Running<Value> {
    const frame = new Scope(scope);
    frame.names.set('_', item);
    const collected: Value[] = [];
    if (block.body) yield* this.statement(block.body, frame, (value) => void collected.push(value));
    return unwrapped(collected);
  }
}
