/** A VM that a capture has changed, and has not made a version of. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { capture } from './harness.ts';

/** A capture that is cut off after this kind of step has ended. */
export async function changeVm(
  azure: LocalAzure,
  until: string,
  request: object = {},
): Promise<void> {
  const end = new AbortController();
  await capture(azure, {
    runId: '7',
    request: { snapshot: true, ...request },
    around: (operation) => ({
      ...operation,
      plan: (...known) => cut(operation.plan(...known), until),
      prepare: async (...known) => {
        const prepared = await operation.prepare(...known);
        const { found } = prepared;
        return { ...prepared, found: found && { ...found, steps: cut(found.steps, until) } };
      },
    }),
    signal: end.signal,
  });
  await new Promise((done) => setTimeout(done, 600_000));
}

function cut<S extends { readonly do: string }>(steps: readonly S[], until: string): S[] {
  const last = steps.findIndex((each) => each.do === until);
  return steps.slice(0, last + 1);
}
