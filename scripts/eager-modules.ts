/** Lets V8 compile the modules of a bundle once instead of twice. */
import { parseAst } from 'vitest/node';

/**
 * Puts webpack's modules in parentheses, which the minifier took away. V8 compiles a function in
 * parentheses at once; without, it scans it when it meets it, and compiles it when it is called, as nearly
 * all modules are at the start: https://v8.dev/blog/preparser#pife. Node's compile cache keeps what was
 * compiled at once only.
 */
export function withEagerModules(bundle: string): string {
  const table = parseAst(bundle)
    .body.flatMap((each) => (each.type === 'VariableDeclaration' ? each.declarations : []))
    .find(({ id }) => id.type === 'Identifier' && id.name === '__webpack_modules__')?.init;
  if (table?.type !== 'ObjectExpression') throw new Error('The bundle has no table of modules');
  let [text, end] = ['', 0];
  for (const module of table.properties) {
    if (module.type !== 'Property') throw new Error('A module of the bundle has no name');
    const { start, end: after } = module.value;
    text += `${bundle.slice(end, start)}(${bundle.slice(start, after)})`;
    end = after;
  }
  return text + bundle.slice(end);
}
