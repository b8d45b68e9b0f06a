/** Captures of the Windows VM of the default world. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { WindowsOptions } from '../../local-azure/src/windows/guest.ts';
import { capture, localAzure, ofWindows, type RunOptions } from './harness.ts';

export const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

export const windows = (options: WindowsOptions = {}) => localAzure({ guests: () => options });

export const captureWindows = (azure: LocalAzure, options: RunOptions = {}) =>
  capture(azure, { ...options, request: { ...ofWindows(azure), ...options.request } });

export const vmId = (azure: LocalAzure): string => ofWindows(azure).vm;

export function stateOf(azure: LocalAzure): string {
  azure.settle();
  return JSON.stringify(azure.world.get(vmId(azure)));
}

export const commandsLeft = (azure: LocalAzure): string[] => {
  azure.settle();
  return azure.world
    .all()
    .map(({ id }) => id)
    .filter((id) => id.includes('/runCommands/'));
};

export async function power(azure: LocalAzure, verb: string): Promise<void> {
  const headers = { authorization: `Bearer ${azure.accessToken()}` };
  const url = `${azure.endpoint}${vmId(azure)}/${verb}?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST', headers }));
}

export const sent = (azure: LocalAzure, method: string, path: RegExp): number =>
  azure.requests.all().filter((each) => each.method === method && path.test(each.path)).length;
