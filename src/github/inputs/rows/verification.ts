import { SUBNET } from '../../../domain/resource-id.ts';
import {
  type Check,
  FLAG,
  Problem,
  parseChoice,
  parseDuration,
  parseGroup,
  parseId,
  parseScript,
  type Rows,
} from '../row.ts';

/** An input that says how to verify means nothing where nothing is verified. */
const onlyWithVerify: Check = ({ name, operation, value }) =>
  operation !== 'verify' &&
  value('verify') === 'none' &&
  `\`${name}\` is given, but without \`verify: boot\` it is not used. Give both, or remove it.`;

const notBesideEphemeral =
  (name: string, why: string): Check =>
  ({ has, value }) =>
    value('ephemeral') === true &&
    has(name) &&
    `\`${name}\` is given beside \`ephemeral: true\`: ${why} Remove one of them.`;

/** How an image proves itself. */
export const VERIFICATION = {
  verify: {
    operations: ['capture', 'promote'],
    parse: parseChoice('none', 'boot'),
    about:
      'Whether the version proves itself before it enters `latest`: `none` or `boot`. `boot` makes a throw-away VM of exactly that version as soon as the home region has it. It waits until the VM is provisioned and its agent reports, and runs `verify-script` if given. Only a version that passes enters `latest`; `after-capture: delete` and `snapshot-retention` wait for that too. A version that is promoted where it is boots before it is changed.',
    default: 'none',
    checks: [
      ({ value }) =>
        value('verify') === 'boot' &&
        value('wait-for') !== 'replicated' &&
        value('exclude-from-latest') !== true &&
        value('ephemeral') !== true &&
        `\`verify\` is "boot" beside \`wait-for: ${value('wait-for')}\`: the run would end before it can put the version into \`latest\`. Use \`wait-for: replicated\`, or \`exclude-from-latest: true\`.`,
    ],
  },
  'verify-script': {
    operations: ['capture', 'promote', 'verify'],
    parse: parseScript,
    about:
      'A script for the throw-away VM, run once it has booted and its agent reports. In Linux it runs as root, and its first line can name the interpreter; in Windows as SYSTEM, in PowerShell 5.1. Exit code 0 passes. Begin several commands of a shell with `set -e`: without it, only the last one counts. The log shows the end of its output. The script must not restart the VM.',
    otherwise: 'none; booting is enough',
    example: 'systemctl is-active nginx',
    checks: [onlyWithVerify],
  },
  'verify-subnet': {
    operations: ['capture', 'promote', 'verify'],
    parse: parseId(SUBNET),
    about:
      'The subnet for the throw-away VM, by resource ID. It must be in the subscription of that VM and in the home region of the version. The VM has no public IP address and no identity.',
    required: 'for `operation: verify` and for `verify: boot`',
    example: 'vars.VERIFY_SUBNET_ID',
    give: 'the resource ID of a subnet for the throw-away VM',
    checks: [onlyWithVerify],
  },
  'verify-resource-group': {
    operations: ['capture', 'promote', 'verify'],
    parse: parseGroup,
    about: 'The resource group in which the throw-away VM is made, and deleted again.',
    otherwise: '`resource-group`',
    example: 'rg-image-tests',
    checks: [onlyWithVerify],
  },
  'verify-vm-size': {
    operations: ['capture', 'promote', 'verify'],
    parse: (text: string) =>
      /^[A-Za-z][A-Za-z0-9_-]{1,63}$/.test(text)
        ? text
        : new Problem('which is not the name of a VM size such as Standard_D2s_v5'),
    about: 'The size of the throw-away VM.',
    otherwise:
      'the size of the VM that the version is made of; if that is gone, `Standard_D2s_v5`, or `Standard_D2ps_v5` for Arm64',
    example: 'Standard_D4s_v5',
    checks: [onlyWithVerify],
  },
  'verify-timeout-minutes': {
    operations: ['capture', 'promote', 'verify'],
    parse: parseDuration(60, 24 * 60),
    about:
      'How long the boot and `verify-script` are allowed to take in total, in minutes; fractions are allowed.',
    default: '20',
    checks: [onlyWithVerify],
  },
  'verify-on-failure': {
    operations: ['capture', 'promote'],
    parse: parseChoice('keep', 'delete'),
    about:
      'What happens to a new version that fails: `keep` or `delete`. `keep`: it stays, excluded from `latest`, and a tag says that it failed. `delete`: only a version that this run made is deleted.',
    default: 'keep',
    checks: [
      onlyWithVerify,
      notBesideEphemeral('verify-on-failure', 'such a version is deleted in any case.'),
    ],
  },
  ephemeral: {
    operations: ['capture'],
    ...FLAG,
    about:
      'For pull requests, with `verify: boot`: whether the version exists only for the verdict, `true` or `false`. It copies nothing (Shallow), stays in the home region and out of `latest`, and has a number `0.0.N` that `auto` ignores; `wait-for`, `replica-count`, `exclude-from-latest` and `snapshot-retention` are not used. After the verdict it is deleted, and with `after-capture: delete` the VM too. `state` is `succeeded` or `failed`, `image-version-id` is empty.',
    checks: [
      ({ value }) =>
        value('ephemeral') === true &&
        value('verify') === 'none' &&
        '`ephemeral` is true, but without `verify: boot` such a version has no use. Give `verify: boot`.',
      notBesideEphemeral('target-regions', 'such a version stays in the home region.'),
      notBesideEphemeral('image-version', 'the number of such a version follows from the run.'),
      notBesideEphemeral(
        'block-deletion-before-end-of-life',
        'such a version is deleted after the verdict.',
      ),
      ({ has, value }) =>
        value('ephemeral') === true &&
        has('replication-mode') &&
        value('replication-mode') === 'Full' &&
        '`replication-mode` is "Full" beside `ephemeral: true`: such a version copies nothing. Remove one of them.',
    ],
  },
  'require-verified': {
    operations: ['promote'],
    ...FLAG,
    about:
      'Whether to refuse a version that has no record of a passed verification: `true` or `false`. The record must be of just this version. Whoever can write its tags can forge that record; `verify: boot` boots it again.',
  },
} satisfies Rows;
