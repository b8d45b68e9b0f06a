import type { Guest } from '../src/guest/guest.ts';
import { type JsonObject, objectsAt, textAt } from '../src/json.ts';
import { asResource, type ResourceInput } from '../src/world.ts';
import { definition } from '../src/world-parts.ts';
import { Bench, compute, place, version } from './gallery.ts';
import { api, networkParts, networkProfile, vm } from './image-vm.ts';

/** What the world says of the guest of a resource. */
export const guestOf = (id: string, properties: JsonObject): ResourceInput =>
  asResource({ id: `${id}/providers/LocalAzure/guests/default`, properties });

/** A definition without Trusted Launch. */
export const imageOf = (
  name: string,
  osState: 'Generalized' | 'Specialized',
  osType: 'Linux' | 'Windows' = 'Linux',
) => definition(place, 'golden', { name, osType, osState, securityType: 'Standard' });

/** Version 1.0.0 of a definition, of whose making nothing is known. */
export const stored = (image: string): ResourceInput =>
  asResource({
    id: compute(version('1.0.0', image)),
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      publishingProfile: { targetRegions: [{ name: 'West Europe' }] },
      storageProfile: { osDiskImage: { sizeInGB: 30 } },
    },
  });

/** A body that makes a VM of an image, with an account and a key. */
export const body = (imageId: string, more: JsonObject = {}): JsonObject => ({
  location: 'westeurope',
  properties: {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: { imageReference: { id: imageId }, osDisk: { createOption: 'FromImage' } },
    osProfile: {
      computerName: 'proof',
      adminUsername: 'prover',
      linuxConfiguration: {
        ssh: {
          publicKeys: [{ path: '/home/prover/.ssh/authorized_keys', keyData: 'ssh-ed25519 BBBB' }],
        },
      },
    },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    networkProfile,
    ...more,
  },
});

/** A local Azure that makes images of the build VM, and VMs of the images. */
export class ImageBench extends Bench {
  constructor(more: readonly ResourceInput[] = []) {
    const definitions = [imageOf('app', 'Generalized'), imageOf('win', 'Generalized', 'Windows')];
    super([...definitions, ...networkParts(), ...more]);
  }

  /** The guest of a VM. */
  guest(name = 'proof'): Guest {
    return this.azure.machine(name).guest as Guest;
  }

  async #instanceView(): Promise<JsonObject> {
    return (await this.send('GET', `${vm}/instanceView`, undefined, api)).body;
  }

  /** What the instance view says of the agent of the VM that was made. */
  async agent(): Promise<string> {
    const [status] = objectsAt(await this.#instanceView(), 'vmAgent', 'statuses');
    return textAt(status, 'displayStatus') ?? 'none';
  }

  /** The codes of its states. */
  async codes() {
    return objectsAt(await this.#instanceView(), 'statuses').map(({ code }) => code);
  }

  /** Its serial log. */
  async serialLog(): Promise<string> {
    const answer = await this.send('POST', `${vm}/retrieveBootDiagnosticsData`, undefined, api);
    const url = textAt(answer.body, 'serialConsoleLogBlobUri') ?? '';
    return (await this.azure.fetch(new Request(url))).text();
  }

  /** Marks the build VM, stops it, and generalizes it, after a deprovision or without one. */
  async prepare(deprovision: boolean): Promise<void> {
    const build = this.guest('build');
    build.write('/opt/app/version', 'of today\n');
    if (deprovision) {
      const remove =
        'waagent -force -deprovision+user; cloud-init clean --logs --seed --machine-id; rm -f /etc/ssh/ssh_host_*';
      build.run(
        `# azure-golden-image: test\nsystemd-run --unit=off --on-active=1s /bin/sh -c '${remove}'\n`,
      );
      build.runScheduled('off');
    }
    await this.settle('POST', 'virtualMachines/build/deallocate', undefined, api);
    await this.send('POST', 'virtualMachines/build/generalize', undefined, api);
  }

  /** Makes a version from that source; returns its ID. */
  async capture(name: string, storageProfile: JsonObject, image = 'app'): Promise<string> {
    const publishingProfile = { targetRegions: [{ name: 'westeurope' }] };
    const sent = { location: 'westeurope', properties: { publishingProfile, storageProfile } };
    const { first, end } = await this.settle('PUT', version(name, image), sent);
    if (textAt(end, 'status') !== 'Succeeded') throw new Error(JSON.stringify([first.body, end]));
    return compute(version(name, image));
  }
}
