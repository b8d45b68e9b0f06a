/** What the tests of disks and galleries share: a small world, and requests that wait for their end. */
import { createLocalAzure, type LocalAzure, type LocalAzureOptions } from '../src/azure.ts';
import { manualClock } from '../src/clock.ts';
import { type JsonObject, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { definition, disk, gallery, idOf, type Place } from '../src/world-parts.ts';
import { virtualMachine } from '../src/world-vm.ts';

/** Where everything is. */
export const place: Place = {
  subscriptionId: '0f1e2d3c-4b5a-4697-8877-665544332211',
  resourceGroup: 'images',
  location: 'westeurope',
};

const group = `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}`;

/** ID of something in Microsoft.Compute. */
export function compute(path: string): string {
  return `${group}/providers/Microsoft.Compute/${path}`;
}

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

/** A local Azure with a gallery, a build VM for it, and a clock that stands still. */
export class Bench {
  readonly azure: LocalAzure;
  readonly clock = manualClock(Date.parse('2026-03-02T08:00:00Z'));

  constructor(more: readonly ResourceInput[] = [], options: LocalAzureOptions = {}) {
    this.azure = createLocalAzure({
      clock: this.clock,
      authentication: false,
      world: [...world(), ...more],
      ...options,
    });
  }

  /** Sends a request for something in Microsoft.Compute. */
  async send(
    method: string,
    path: string,
    body?: JsonObject,
    apiVersion = '2025-12-03',
  ): Promise<Answer> {
    const whole = path.startsWith('/') ? path : compute(path);
    const url = `${this.azure.endpoint}${whole}${whole.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await this.azure.fetch(new Request(url, init));
    const text = await response.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as JsonObject);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  /** What the operation that `answer` started says now. */
  async poll(answer: Answer): Promise<JsonObject> {
    const url = answer.headers.get('azure-asyncoperation') ?? '';
    const response = await this.azure.fetch(new Request(url));
    return (await response.json()) as JsonObject;
  }

  /** Sends a write and lets its operation come to its end; returns both. */
  async settle(method: string, path: string, body?: JsonObject, apiVersion?: string) {
    const first = await this.send(method, path, body, apiVersion);
    if (!first.headers.has('azure-asyncoperation')) return { first, end: {} };
    let end = await this.poll(first);
    for (let minute = 0; textAt(end, 'status') === 'InProgress' && minute < 600; minute++) {
      this.clock.advance(60);
      end = await this.poll(first);
    }
    return { first, end };
  }
}

/** IDs of the build VM and of its OS disk. */
export const machineId = compute('virtualMachines/build');
export const osDiskId = compute('disks/build_OsDisk');

function world(): ResourceInput[] {
  const osDisk = disk(place, {
    name: 'build_OsDisk',
    sizeGB: 30,
    osType: 'Linux',
    managedBy: machineId,
    uniqueId: 'aaaaaaaa-0000-4000-8000-000000000001',
  });
  const dataDisk = disk(place, {
    name: 'build_Data',
    sizeGB: 10,
    managedBy: machineId,
    uniqueId: 'aaaaaaaa-0000-4000-8000-000000000002',
  });
  const machine = virtualMachine(place, {
    name: 'build',
    osType: 'Linux',
    vmId: 'aaaaaaaa-0000-4000-8000-000000000003',
    osDisk,
    dataDisks: [dataDisk],
    nicId: idOf(place, 'Microsoft.Network/networkInterfaces', 'build'),
  });
  const parts = { osType: 'Linux', osState: 'Specialized' } as const;
  return [
    osDisk,
    dataDisk,
    machine,
    gallery(place, 'golden'),
    definition(place, 'golden', { ...parts, name: 'ubuntu', securityType: 'TrustedLaunch' }),
  ];
}

/** The path of a version of the definition `ubuntu`. */
export function version(name: string, image = 'ubuntu'): string {
  return `galleries/golden/images/${image}/versions/${name}`;
}

/** A body that makes a version from the build VM in these regions. */
export function fromMachine(...regions: readonly string[]): JsonObject {
  const targetRegions = (regions.length === 0 ? ['westeurope'] : regions).map((name) => ({ name }));
  return {
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions },
      storageProfile: { source: { virtualMachineId: machineId } },
    },
  };
}
