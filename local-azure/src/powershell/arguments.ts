/** The arguments of a command. */
import type { Evaluator } from './evaluate.ts';
import type { Scope } from './scope.ts';
import type { Node } from './syntax.ts';
import type { Running, Value } from './values.ts';

/** What a command is called with: values in order, and parameters by lower-case name. */
interface Arguments {
  readonly args: Value[];
  readonly named: Map<string, Value>;
}

/** Evaluates the arguments of a command. A parameter without a value is a switch. */
export function* argumentsOf(
  elements: Node | undefined,
  scope: Scope,
  evaluator: Evaluator,
): Running<Arguments> {
  const args: Value[] = [];
  const named = new Map<string, Value>();
  let parameter: string | undefined;
  for (const element of elements?.kids ?? []) {
    if (element.type === 'command_argument_sep') continue;
    if (element.type === 'command_parameter') {
      if (parameter !== undefined) named.set(parameter, true);
      parameter = element.text.slice(1).toLowerCase();
      continue;
    }
    const value =
      element.type === 'generic_token' ? element.text : yield* evaluator.expression(element, scope);
    if (parameter === undefined) args.push(value);
    else named.set(parameter, value);
    parameter = undefined;
  }
  if (parameter !== undefined) named.set(parameter, true);
  return { args, named };
}
