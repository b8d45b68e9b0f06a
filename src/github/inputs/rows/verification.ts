import { SUBNET } from '../../../domain/resource-id.ts';
import { parseDuration, parseScript, problem, value } from '../parse.ts';
import { parseGroup, parseId } from '../parse-names.ts';
import type { Rows } from '../row.ts';

const MINUTE = 60;
const DAY_IN_MINUTES = 24 * 60;
const VERIFIED = ['verify'] as const;

/** How an image proves itself. */
export const VERIFICATION = {
  'verify-script': {
    operations: VERIFIED,
    parse: parseScript,
    about:
      'A script for the throw-away VM, run once it has booted and its agent reports. In Linux it runs as root, and its first line can name the interpreter; in Windows as SYSTEM, in PowerShell 5.1. Exit code 0 passes. The log shows the end of its output. The script must not restart the VM.',
    otherwise: 'none; booting is enough',
    example: 'systemctl is-active nginx',
  },
  'verify-subnet': {
    operations: VERIFIED,
    parse: parseId(SUBNET),
    about:
      'The subnet for the throw-away VM, by resource ID. It must be in the subscription of that VM and in the home region of the version. The VM has no public IP address and no identity.',
    required: 'for `operation: verify`',
    example: 'vars.VERIFY_SUBNET_ID',
    give: 'the resource ID of a subnet for the throw-away VM',
  },
  'verify-resource-group': {
    operations: VERIFIED,
    parse: parseGroup,
    about: 'The resource group in which the throw-away VM is made, and deleted again.',
    otherwise: '`resource-group`',
    example: 'rg-image-tests',
  },
  'verify-vm-size': {
    operations: VERIFIED,
    parse: (text: string) =>
      /^[A-Za-z][A-Za-z0-9_-]{1,63}$/.test(text)
        ? value(text)
        : problem('which is not the name of a VM size such as Standard_D2s_v5'),
    about: 'The size of the throw-away VM.',
    otherwise:
      'the size of the VM that the version was made of; if that is gone, `Standard_D2s_v5`, or `Standard_D2ps_v5` for Arm64',
    example: 'Standard_D4s_v5',
  },
  'verify-timeout-minutes': {
    operations: VERIFIED,
    parse: parseDuration(MINUTE, DAY_IN_MINUTES),
    about:
      'How long the boot and `verify-script` are allowed to take together, in minutes; fractions are allowed.',
    default: '20',
  },
} satisfies Rows;
