/** What recordings leave out or spell otherwise, and how a replay gets along with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupRestorer } from '../../src/conformance/capital-groups.ts';
import { replay } from '../../src/conformance/replay.ts';
import type { Verdict } from '../../src/conformance/report.ts';
import { operationIn } from '../../src/conformance/resource-path.ts';
import { loadScenarios } from '../../src/conformance/scenario.ts';

const subscription = '00000000-0000-0000-0000-000000000000';
const group = `/subscriptions/${subscription}/resourceGroups/rg000001`;
const nic = `${group}/providers/Microsoft.Network/networkInterfaces/nic`;
const machine = `${group}/providers/Microsoft.Compute/virtualMachines/vm1`;

type Recorded = [
  method: string,
  path: string,
  body: unknown,
  status: number,
  answer: unknown,
  headers?: Record<string, string>,
];

/** Plays exchanges a minute apart; returns each one's verdict with what differed. */
async function played(version: string, ...recorded: Recorded[]): Promise<[Verdict, string[]][]> {
  const home = mkdtempSync(join(tmpdir(), 'recording-'));
  try {
    const interactions = recorded.map(([method, path, body, status, answer, headers], i) => ({
      i,
      t: i * 60,
      request: {
        method,
        uri: `https://management.azure.com${path}${path.includes('?') ? '&' : '?'}api-version=${version}`,
        body,
      },
      response: {
        status,
        headers: { date: new Date(Date.UTC(2024, 7, 26, 9, i)).toUTCString(), ...headers },
        body: answer,
      },
    }));
    writeFileSync(join(home, 'a.json'), JSON.stringify({ interactions }));
    const [scenario] = loadScenarios(home);
    if (scenario === undefined) throw new Error('no scenario');
    const { verdicts, findings } = await replay(scenario);
    return verdicts.map((verdict, index) => [
      verdict,
      findings
        .filter(({ exchange }) => exchange.startsWith(`#${index} `))
        .map(({ difference }) => `${difference.kind} ${difference.where}`),
    ]);
  } finally {
    rmSync(home, { recursive: true });
  }
}

const statusOnly = (differences: string[]) =>
  differences.filter((each) => each === 'status status');

describe('a recording', () => {
  it('may make a VM with a NIC that it never shows', async () => {
    const body = {
      location: 'westus',
      properties: {
        hardwareProfile: { vmSize: 'Standard_DS1_v2' },
        storageProfile: {
          imageReference: { publisher: 'Canonical', offer: 'UbuntuServer', sku: '18.04-LTS' },
          osDisk: { createOption: 'FromImage' },
        },
        osProfile: { computerName: 'vm1', adminUsername: 'me' },
        networkProfile: { networkInterfaces: [{ id: nic }] },
      },
    };
    const [[, differences] = ['matched', []]] = await played('2024-07-01', [
      'PUT',
      machine,
      body,
      201,
      {},
    ]);
    expect(statusOnly(differences)).toEqual([]);
  });

  it('may begin with a VM that is already stopped', async () => {
    const [[verdict] = []] = await played('2024-07-01', [
      'POST',
      `${machine}/generalize`,
      null,
      200,
      '',
      {
        'x-ms-ratelimit-remaining-resource':
          'Microsoft.Compute/UpdateVMSubscriptionMaximum;1499,Microsoft.Compute/UpdateVMResource;11',
        'x-ms-ratelimit-remaining-subscription-writes': '199',
      },
    ]);
    expect(verdict).toBe('matched');
  });

  it('may delete what was not there, and then what others made', async () => {
    const outcomes = await played(
      '2024-07-01',
      ['DELETE', machine, null, 204, ''],
      ['DELETE', machine, null, 202, ''],
    );
    expect(outcomes.map(([, differences]) => statusOnly(differences))).toEqual([[], []]);
  });

  it('may use a region that opened after the list was copied', async () => {
    const gallery = `${group}/providers/Microsoft.Compute/galleries/g1`;
    const [[, differences] = ['matched', []]] = await played('2023-07-03', [
      'PUT',
      gallery,
      { location: 'atlantisnorth' },
      201,
      {},
    ]);
    expect(statusOnly(differences)).toEqual([]);
  });
});

describe('what the recorder missed', () => {
  const uri = `https://management.azure.com${group}/providers/Microsoft.Compute/disks/d`;
  const restored = groupRestorer([uri]);

  it('is a group in capitals, which gets the name that was put in its place', () => {
    const shown = { id: '/subscriptions/s/resourceGroups/RGXYZ4SECRET/providers/x/y/z' };
    expect(restored(shown, uri)).toEqual({
      id: '/subscriptions/s/resourceGroups/RG000001/providers/x/y/z',
    });
  });

  it.each(['OTHERGROUP', 'RG000001'])('is not a group of its own: %s', (name) => {
    const shown = { id: `/subscriptions/s/resourceGroups/${name}/providers/x/y/z` };
    expect(restored(shown, uri)).toBe(shown);
  });
});

describe('the operation that an answer names', () => {
  const id = '11111111-2222-4333-8444-555555555555';
  const path = `/subscriptions/s/providers/Microsoft.Compute/locations/westus/operations/${id}`;
  it.each([
    [`https://management.azure.com${path}?p=1&api-version=x`, id],
    [path, id],
    [machine, undefined],
    ['nowhere at all', undefined],
  ])('%s', (location, expected) => {
    expect(operationIn(new Map([['location', location]]))).toBe(expected);
  });
});
