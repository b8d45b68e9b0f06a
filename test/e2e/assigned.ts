/** Roles of the action's identity, in a world of its own. */
import type { Grant } from '../../src/plan/needed-rights.ts';
import { assignments, roleOf } from '../roles/proof.ts';
import { RUNS } from '../roles/runs.ts';
import type { Stage } from './harness.ts';

/** The grants of the run of this name. */
export function roleFor(name: string): readonly Grant[] {
  const run = RUNS.find((each) => each.name === name);
  if (!run) throw new Error(`There is no run ${name}`);
  return roleOf(run);
}

/** Gives the action's identity these grants alone, in place of those that it has. */
export async function assign({ azure, control }: Stage, grants: readonly Grant[]): Promise<void> {
  const group = `/subscriptions/${azure.subscriptionId}/resourceGroups/images`;
  const compute = `${group}/providers/Microsoft.Compute`;
  const scopes = {
    build: group,
    source: `${compute}/galleries/golden`,
    gallery: `${compute}/galleries/golden`,
    keys: `${compute}/diskEncryptionSets/keys`,
    verify: `/subscriptions/${azure.subscriptionId}/resourceGroups/tests`,
    network: `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build/subnets/default`,
    users: `/subscriptions/${azure.subscriptionId}`,
  };
  const world = (await control.world()).filter(
    ({ id }) => !/\/role(Assignments|Definitions)\//.test(id),
  );
  await control.setWorld([...world, ...assignments(azure.subscriptionId, scopes, grants)]);
}
