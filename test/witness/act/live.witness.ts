/** The live check against the local Azure, so that it works on the first try against the real one. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { controls } from '../../runner/control.ts';
import { startLocalAzure } from '../../runner/local-azure-process.ts';
import { runWorkflow } from '../workflow-runner.ts';

it('asks every question, runs end to end, and deletes only what it made', async () => {
  await using azure = await startLocalAzure('--speed', '480');
  const before = await controls(azure).world();
  const run = await runWorkflow(azure, {
    workflow: '.github/workflows/live.yml',
    event: 'workflow_dispatch',
    inputs: {
      location: 'westeurope',
      'second-location': 'northeurope',
      'vm-size': 'Standard_D2s_v5',
    },
    files: Object.fromEntries(
      readdirSync('live').map((name) => [`live/${name}`, readFileSync(`live/${name}`, 'utf8')]),
    ),
  });
  expect(run.exitCode, run.log).toBe(0);
  expect(run.outputs['check.capture']).toMatchObject({ state: 'succeeded', verified: 'true' });
  expect(run.outputs['check.promote']).toMatchObject({ state: 'succeeded' });
  const answers = run.summaries.join('\n').match(/^\| .* \| .* \| .* \| .* \|$/gm) ?? [];
  process.stdout.write(`${answers.join('\n')}\n`);
  // What the local Azure assumes is what it does; at this speed a console does not lag, and a version
  // is complete before az asks again.
  const others = answers.filter((row) => /≠ \|$/.test(row) && !/^\| (Seconds|Update of)/.test(row));
  expect(others).toEqual([]);
  const left = await controls(azure).world();
  expect(left.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
}, 900_000);
