/** The live check against the local Azure, so that it works on the first try against the real one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replay } from '../../../local-azure/src/conformance/replay.ts';
import { loadScenarios } from '../../../local-azure/src/conformance/scenario.ts';
import { filesBelow } from '../../contract/documents.ts';
import { controls } from '../../runner/control.ts';
import { startLocalAzure } from '../../runner/local-azure-process.ts';
import type { WorkflowRun } from '../workflow-log.ts';
import { runWorkflow } from '../workflow-runner.ts';

const SPEED = '480';
const SYSTEMS = ['Linux', 'Windows'];

it('asks every question, runs end to end, and deletes only what it made', async () => {
  await using azure = await startLocalAzure('--speed', SPEED);
  const before = await controls(azure).world();
  const run = await runWorkflow(
    { ...azure, env: { ...azure.env, LIVE_SPEED: SPEED } },
    {
      workflow: '.github/workflows/live.yml',
      event: 'workflow_dispatch',
      inputs: {
        location: 'westeurope',
        'second-location': 'northeurope',
        'vm-size': 'Standard_D2s_v5',
      },
      files: Object.fromEntries(
        [...filesBelow('live', '.ts'), 'setup/rights.txt'].map((name) => [
          name,
          readFileSync(name, 'utf8'),
        ]),
      ),
    },
  );
  const answers = run.log.match(/^\| (?:Linux|Windows): .*\|$/gm) ?? [];
  process.stdout.write(`${answers.join('\n')}\n`);
  expect(run.exitCode, run.annotations.join('\n')).toBe(0);
  for (const system of SYSTEMS)
    expect(run.outputs[`check ${system}.capture`]).toMatchObject({
      state: 'succeeded',
      verified: 'true',
    });
  // What the local Azure assumes is what it does; at this speed nobody can tell how long a console lags.
  expect(answers.length).toBeGreaterThan(35);
  expect(answers.filter((row) => /≠ \|$/.test(row) && !row.includes('Seconds'))).toEqual([]);
  const left = (await controls(azure).world()).map(({ id }) => id);
  expect(left).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
  // Whoever makes the first assignment stays owner of the local Azure.
  const more = left.filter((id) => !before.some((each) => each.id === id));
  expect(more).toEqual([
    expect.stringMatching(/^\/subscriptions\/[^/]+\/providers\/\S+\/roleAssignments\/[^/]+$/),
  ]);

  const { subscriptionId, tenantId, clientId } = azure;
  for (const text of SYSTEMS.map((system) => recordingOf(run, system))) {
    for (const secret of [subscriptionId, tenantId, clientId, 'contoso/images'])
      expect(text).not.toContain(secret);
    const { matched, all } = (await played(text)).core;
    // Chance decides how far each region is, and the replay has no guest of its own.
    expect(matched / all).toBeGreaterThan(0.5);
  }
}, 900_000);

/** The recording of one job, as its artifact is shown. */
function recordingOf({ log }: WorkflowRun, system: string): string {
  const shown = new RegExp(`^artifact recording-${system}, \\S+: (.*)$`, 'm').exec(log);
  return shown?.[1] ?? '';
}

async function played(recording: string) {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  try {
    writeFileSync(join(folder, 'live.json'), recording);
    const [scenario] = loadScenarios(folder);
    if (!scenario) throw new Error('There is no recording');
    return await replay(scenario);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
