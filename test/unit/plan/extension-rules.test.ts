import { describe, expect, it } from 'vitest';
import type { Vm } from '../../../src/domain/vm.ts';
import { definition, vm } from '../worlds.ts';
import { findingsOf } from './judging.ts';

const EXTENSIONS: Vm['extensions'] = [
  { name: 'aad', type: 'AADLoginForWindows' },
  { name: 'setup', type: 'CustomScriptExtension' },
  { name: 'join', type: 'JsonADDomainExtension' },
];

const found = (change: Partial<Vm>) => {
  const osType = change.osType ?? 'Linux';
  return findingsOf({
    seen: { vm: vm({ extensions: EXTENSIONS, ...change }), definition: definition({ osType }) },
  }).find(({ rule }) => rule === 'vm-extensions-installed');
};

describe('extensions on the build VM', () => {
  it('are named, each with the command that removes it', () => {
    const finding = found({});
    expect(finding?.severity).toBe('warning');
    expect(finding?.message).toContain('`aad`, `setup`, `join`');
    for (const { name } of EXTENSIONS)
      expect(finding?.remedy).toContain(
        `\`az vm extension delete --resource-group images --vm-name build --name ${name}\``,
      );
  });

  it('break sign-in and domain membership in VMs of a Windows image', () => {
    const { message = '' } = found({ osType: 'Windows' }) ?? {};
    expect(message).toMatch(/`aad` will break: .* sign-in with Microsoft Entra ID fails\./);
    expect(message).toMatch(/`join` will break: .* does not join VMs made from the image again\./);
    expect(message).not.toContain('`setup` will break');
    expect(found({ osType: 'Linux' })?.message).not.toContain('will break');
  });

  it('cannot be removed any more once the VM is generalized', () => {
    expect(found({ power: 'deallocated', generalized: true })?.remedy).toMatch(
      /^Build the VM again/,
    );
  });
});
