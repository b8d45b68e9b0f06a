import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read } from '../contract/documents.ts';
import type { ArmResource } from '../runner/control.ts';
import { errorsIn, type Stage, stage } from './harness.ts';

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { with?: Record<string, unknown> }[] }>
  >;
}

/** The inputs that an example gives the action in a job, its expressions filled in. */
function inputsOf(path: string, job: string, values: Record<string, string>) {
  const { jobs } = parse(read(path)) as Workflow;
  const given = jobs[job]?.steps.find((step) => step.with?.['image-definition'])?.with ?? {};
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [
      name,
      String(text).replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, expression: string) => {
        const value = values[expression];
        if (value === undefined) throw new Error(`${path} uses ${expression}`);
        return value;
      }),
    ]),
  );
}

/** The default world in the groups that the examples name, for an identity that may only read. */
async function move({ azure, control }: Stage): Promise<void> {
  const world = await control.world();
  const moved = world.map((resource) => {
    const group = /\/galleries\//i.test(resource.id) ? 'rg-images' : 'rg-image-builds';
    const text = JSON.stringify(resource).replaceAll(
      '/resourceGroups/images/',
      `/resourceGroups/${group}/`,
    );
    return JSON.parse(text) as ArmResource;
  });
  const authorization = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization`;
  const reader = {
    id: `${authorization}/roleAssignments/00000000-0000-0000-0000-000000000001`,
    properties: { roleDefinitionId: `${authorization}/roleDefinitions/${READER}` },
  };
  await control.setWorld([...moved, reader]);
  await control.forgetRequests();
}

describe('examples/pull-request.yml', () => {
  it('checks, with the right to read alone, what merge-to-main.yml then does', async () => {
    await using local = await stage();
    await move(local);
    const { azure } = local;
    const values = {
      'vars.AZURE_TENANT_ID': azure.tenantId,
      'vars.AZURE_CLIENT_ID': azure.clientId,
      'vars.AZURE_READER_CLIENT_ID': azure.clientId,
      'vars.AZURE_SUBSCRIPTION_ID': azure.subscriptionId,
      'vars.VERIFY_SUBNET_ID': `/subscriptions/${azure.subscriptionId}/resourceGroups/rg-image-builds/providers/Microsoft.Network/virtualNetworks/build/subnets/default`,
      'github.run_id': '4711',
      'github.run_attempt': '1',
      'needs.build.outputs.vm': 'build-4711-1',
    };
    const check = inputsOf('examples/pull-request.yml', 'check', values);
    const capture = inputsOf('examples/merge-to-main.yml', 'capture', values);
    expect(check).toEqual({ ...capture, 'dry-run': 'true', comment: 'true' });

    const pull_request = { number: 7, head: { repo: {} }, base: { repo: {} } };
    const run = await local.run(check, {
      mainOnly: true,
      event: { name: 'pull_request', payload: { pull_request } },
    });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ state: 'planned', changed: 'false' });
    const plan = JSON.parse(run.outputs.plan ?? '') as { findings: { rule: string }[] };
    expect(plan.findings.map(({ rule }) => rule)).toContain('vm-missing');
    expect(run.log).toContain('The comment on pull request #7: created.');
    expect(await local.writes()).toEqual([]);
  });
});
