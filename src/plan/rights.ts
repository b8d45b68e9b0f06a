import { DISK, IMAGE, IMAGE_VERSION, SNAPSHOT, VIRTUAL_MACHINE } from '../domain/resource-id.ts';

/*
 * The least that Azure must allow the action, by what it is to do. The checks and docs/permissions.md
 * take it from here, and test/roles/ proves it.
 */

/** Where a role is assigned. */
export type Scope = 'build' | 'source' | 'gallery' | 'keys' | 'verify' | 'network' | 'users';

/** Rights that an operation needs, or an input adds to them. */
interface Rights {
  /** Markdown that names the operation or the input. */
  readonly when: string;
  /** On each scope where it needs something: as a clause in lower case, what the actions are for. */
  readonly on: Readonly<
    Partial<Record<Scope, { readonly what: string; readonly actions: readonly string[] }>>
  >;
}

/** Actions on a type of resource, by what comes after it. */
const actionsOn =
  (type: string) =>
  (...verbs: string[]) =>
    verbs.map((verb) => `${type}/${verb}`);
const vm = actionsOn(VIRTUAL_MACHINE);
const disk = actionsOn(DISK);
const snapshot = actionsOn(SNAPSHOT);
const image = actionsOn(IMAGE);
const version = actionsOn(IMAGE_VERSION);

const READ_GALLERY = [
  'Microsoft.Compute/galleries/read',
  'Microsoft.Compute/galleries/images/read',
];

/** What a verification needs beside the gallery. */
const THROW_AWAY = {
  verify: {
    what: 'make the throw-away VM, look at it, delete it',
    actions: vm('read', 'write', 'delete'),
  },
  network: {
    what: 'connect the throw-away VM',
    actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
  },
} as const;

const TABLE = {
  // What each operation needs, whatever its inputs.
  capture: {
    when: '`operation: capture`',
    on: {
      build: {
        what: 'look at the VM and its disks; tag, deprovision, deallocate, generalize; Azure asks for `write` also when the VM is the source of a version',
        actions: [
          ...vm('read', 'write', 'runCommand/action', 'retrieveBootDiagnosticsData/action'),
          ...vm('deallocate/action', 'generalize/action'),
          ...disk('read'),
        ],
      },
      gallery: {
        what: 'look at the definition and its versions; make one, and delete one of this run that failed',
        actions: [...READ_GALLERY, ...version('read', 'write', 'delete')],
      },
    },
  },
  copy: {
    when: '`operation: promote` into a definition',
    on: {
      source: {
        what: 'look at the version and its definition; Azure asks for `read` on the source of a version',
        actions: ['Microsoft.Compute/galleries/images/read', ...version('read')],
      },
      gallery: {
        what: 'look at the definition and its versions; make the copy, and delete one of this run that failed',
        actions: [...READ_GALLERY, ...version('read', 'write', 'delete')],
      },
    },
  },
  change: {
    when: '`operation: promote` where the version is',
    on: {
      gallery: {
        what: 'look at the versions of the definition, change one of them',
        actions: version('read', 'write'),
      },
    },
  },
  prune: {
    when: '`operation: prune`',
    on: {
      gallery: {
        what: 'look at the definitions of the gallery and their versions, delete old ones',
        actions: [...READ_GALLERY, ...version('read', 'delete')],
      },
      users: {
        what: 'look for VMs and scale sets that use the image, and for copies of its versions',
        actions: [
          ...vm('read'),
          'Microsoft.Compute/virtualMachineScaleSets/read',
          'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
          ...READ_GALLERY,
          ...version('read'),
        ],
      },
    },
  },
  restore: {
    when: '`operation: restore`',
    on: {
      build: {
        what: 'look at the VM, its disks and their snapshots; make new disks, exchange them, start the VM; Azure asks for `beginGetAccess` on the snapshot each disk is of',
        actions: [
          ...vm('read', 'write', 'deallocate/action', 'start/action'),
          ...disk('read', 'write'),
          ...snapshot('read', 'beginGetAccess/action'),
        ],
      },
    },
  },
  verify: {
    when: '`operation: verify`',
    on: {
      gallery: {
        what: 'look at the version and its definition, record in its tags whether it works',
        actions: ['Microsoft.Compute/galleries/images/read', ...version('read', 'write')],
      },
      ...THROW_AWAY,
    },
  },
  wait: {
    when: '`operation: wait`',
    on: {
      gallery: { what: 'look at the version until it is replicated', actions: version('read') },
    },
  },

  // What inputs, or what they meet, add to an operation.
  start: {
    when: '`deprovision: always`',
    on: { build: { what: 'start a VM that is stopped', actions: vm('start/action') } },
  },
  windows: {
    when: 'a Windows VM that is deprovisioned',
    on: {
      build: {
        what: 'schedule Sysprep in the guest by a managed run command, read its progress, delete the command',
        actions: vm('runCommands/read', 'runCommands/write', 'runCommands/delete'),
      },
    },
  },
  snapshot: {
    when: '`snapshot: true`',
    on: {
      build: {
        what: 'take snapshots; Azure asks for `beginGetAccess` on the disk each is of',
        actions: [...disk('beginGetAccess/action'), ...snapshot('read', 'write')],
      },
    },
  },
  retention: {
    when: '`snapshot-retention`, beside `snapshot: true`',
    on: { build: { what: 'delete old snapshots', actions: snapshot('delete') } },
  },
  oldSnapshots: {
    when: '`snapshot-retention` of `operation: prune`',
    on: {
      build: {
        what: 'list the snapshots of the VM, delete old ones',
        actions: snapshot('read', 'delete'),
      },
    },
  },
  disks: {
    when: '`capture-from: disks`',
    on: {
      build: {
        what: 'take temporary snapshots, make the version of them, delete them',
        actions: [
          ...disk('beginGetAccess/action'),
          ...snapshot('read', 'write', 'delete', 'beginGetAccess/action'),
        ],
      },
    },
  },
  image: {
    when: 'a definition that takes no VM as source',
    on: {
      build: {
        what: 'make a temporary managed image, make the version of it, delete it',
        actions: image('read', 'write', 'delete'),
      },
    },
  },
  return: {
    when: '`after-capture: restore`, beside `snapshot: true` and `capture-from: disks`',
    on: {
      build: {
        what: 'make new disks of the snapshots, exchange them, start the VM',
        actions: [...vm('start/action'), ...disk('write')],
      },
    },
  },
  deletion: {
    when: '`after-capture: delete`',
    on: {
      build: {
        what: 'delete the VM, its disks, network interfaces and public IP addresses',
        actions: [
          ...vm('delete'),
          ...disk('delete'),
          ...actionsOn('Microsoft.Network/networkInterfaces')('read', 'delete'),
          ...actionsOn('Microsoft.Network/publicIPAddresses')('read', 'delete'),
        ],
      },
    },
  },
  withVm: {
    when: '`after-capture: delete`, so that one request deletes all of it',
    on: {
      build: {
        what: 'set that disks, network interfaces and public IP addresses go with the VM; without these rights, this run deletes them one by one',
        actions: [
          ...disk('write'),
          'Microsoft.Network/networkInterfaces/write',
          'Microsoft.Network/networkInterfaces/join/action',
          'Microsoft.Network/publicIPAddresses/join/action',
          'Microsoft.Network/virtualNetworks/subnets/join/action',
        ],
      },
    },
  },
  oldDisks: {
    when: '`old-disks: delete`',
    on: { build: { what: 'delete the disks that others have replaced', actions: disk('delete') } },
  },
  dismissal: {
    when: 'a restore of a Windows VM that has begun to deprovision itself',
    on: {
      build: {
        what: 'delete the run command of the deprovision; without these rights, it stays and does no harm',
        actions: vm('runCommands/read', 'runCommands/delete'),
      },
    },
  },
  recreate: {
    when: '`recreate: true`, for a generalized VM',
    on: {
      build: {
        what: 'delete the VM and create it again; Azure asks for `join` on its network interfaces',
        actions: [...vm('delete'), 'Microsoft.Network/networkInterfaces/join/action'],
      },
    },
  },
  verification: {
    when: '`verify: boot`',
    on: {
      gallery: {
        what: 'look at the definition, which says what the throw-away VM must be like',
        actions: ['Microsoft.Compute/galleries/images/read'],
      },
      ...THROW_AWAY,
    },
  },
  verifyScript: {
    when: '`verify-script`',
    on: { verify: { what: 'run the script', actions: vm('runCommand/action') } },
  },
  keys: {
    when: '`encryption` in `target-regions`',
    on: {
      keys: {
        what: 'name the disk encryption sets of the regions',
        actions: ['Microsoft.Compute/diskEncryptionSets/read'],
      },
    },
  },
  bin: {
    when: 'a gallery with soft delete',
    on: {
      gallery: {
        what: 'list deleted versions, whose numbers are taken; Azure has published no action for it and refuses roles that name one, so only this wildcard covers it',
        actions: ['Microsoft.Compute/galleries/*/read'],
      },
    },
  },
} as const satisfies Readonly<Record<string, Rights>>;

export type RightsName = keyof typeof TABLE;

export const RIGHTS: Readonly<Record<RightsName, Rights>> = TABLE;
