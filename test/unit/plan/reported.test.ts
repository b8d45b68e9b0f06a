import { describe, expect, it, test } from 'vitest';
import { reportFacts } from '../../../src/plan/reported.ts';
import { definition, inventory, osDisk, vm } from '../worlds.ts';

const commandFor = (change: Parameters<typeof inventory>[0]): string =>
  reportFacts(inventory(change), undefined).fittingDefinition ?? '';

describe('the command for a definition that fits', () => {
  it('takes what differs from the VM, and the rest from the definition', () => {
    const command = commandFor({
      vm: vm({ securityType: 'TrustedLaunch', diskController: 'NVMe' }),
      definition: definition({ osType: 'Windows', generation: 'V1' }),
    });
    expect(command).toContain('--os-type Linux --os-state Generalized');
    expect(command).toContain('--hyper-v-generation V2 --architecture x64');
    expect(command).toContain(
      "--features 'SecurityType=TrustedLaunch DiskControllerTypes=SCSI,NVMe'",
    );
    expect(command).toContain('--gallery-image-definition ubuntu-linux-v2-x64-trustedlaunch');
  });

  it('quotes names that a shell would act on', () => {
    const plan = { name: '$(id)', product: "it's", publisher: 'p' };
    expect(commandFor({ vm: vm({ plan }) })).toContain(
      String.raw`--plan-name '$(id)' --plan-product 'it'\''s' --plan-publisher p`,
    );
  });

  it('is none without a VM', () => {
    expect(reportFacts(inventory({ vm: undefined }), undefined).fittingDefinition).toBeUndefined();
  });
});

test('the size is that of all disks of the VM', () => {
  expect(reportFacts(inventory({ disks: [osDisk({ sizeGiB: 30 })] }), undefined).sizeGiB).toBe(30);
});
