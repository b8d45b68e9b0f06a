import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/conformance/replay.ts';
import { reportOf, type Tally } from '../../src/conformance/report.ts';
import { loadScenarios } from '../../src/conformance/scenario.ts';
import { reference } from '../reference.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Runs the command, as `npm run conformance -- DIR` does. */
function conformance(directory: string): { status: number | null; lines: string[]; sums: Tally } {
  const { status, stdout } = spawnSync(
    process.execPath,
    [path('../../src/conformance/main.ts'), directory],
    {
      encoding: 'utf8',
    },
  );
  const lines = stdout.trimEnd().split('\n');
  return { status, lines, sums: JSON.parse(lines.at(-1) ?? '{}') as Tally };
}

describe('a scenario that the local Azure answers alike', () => {
  it('matches, but for what was seeded, is out of scope or needed a fault rule', () => {
    const { status, sums } = conformance(path('fixtures/same'));
    expect(sums).toEqual({ matched: 8, seeded: 1, outOfScope: 1, explained: 1, unexplained: 0 });
    expect(status).toBe(0);
  });
});

describe('a scenario that has been tampered with', () => {
  it('tells each difference in a line and exits with 1', () => {
    const { status, lines, sums } = conformance(path('fixtures/tampered'));
    expect(status).toBe(1);
    expect(sums.unexplained).toBe(6);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringContaining('#3 PUT snapshots/s1: status status: recorded 201, local 202'),
        expect.stringContaining('value properties.diskSizeGB: recorded 31, local 30'),
        expect.stringContaining('missing properties.flavour: recorded sweet'),
        expect.stringContaining('extra properties.provisioningState'),
        expect.stringContaining('error error.message: recorded The Resource was not found.'),
        expect.stringContaining('header azure-asyncnotification: recorded absent, local present'),
      ]),
    );
  });
});

const recorded = reference('traffic');

// Recordings are reference material, which a clone does not have beside it.
describe.runIf(recorded !== undefined)('the recorded traffic', () => {
  it('differs nowhere without a reason, and matches in at least 85 %', async () => {
    const outcomes = [];
    for (const scenario of loadScenarios(recorded ?? '')) outcomes.push(await replay(scenario));
    const report = reportOf(outcomes);
    const sums = JSON.parse(report.at(-1) ?? '{}') as Tally;
    expect(sums.unexplained, report.join('\n')).toBe(0);
    const matched = outcomes.reduce((sum, { core }) => sum + core.matched, 0);
    const all = outcomes.reduce((sum, { core }) => sum + core.all, 0);
    expect(matched / all).toBeGreaterThanOrEqual(0.85);
  });
});
