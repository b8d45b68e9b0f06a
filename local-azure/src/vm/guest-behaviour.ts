/**
 * What a world says of guests, so that a test can have an image that does not boot. A resource
 * `{id of a resource}/providers/LocalAzure/guests/default` describes the guest of VMs that are made
 * of the resource: a version, its definition, a VM that it is captured from, a disk, a snapshot, a
 * managed image. What several say is merged; the nearest counts.
 */
import type { GuestOptions } from '../guest/root.ts';
import { isObject, type JsonObject, numberAt, objectsAt, textAt } from '../json.ts';
import type { WindowsOptions } from '../windows/system.ts';
import type { World } from '../world.ts';

/** How an image behaves in a VM that is made of it. Seconds are emulated ones. */
export interface GuestBehaviour {
  /** False: the system never comes up. */
  readonly boots?: boolean;
  /** Until the first boot has told the platform that it is provisioned. */
  readonly bootSeconds?: number;
  /** `never`: the system boots and is provisioned, its agent does not report. */
  readonly agent?: 'ready' | 'never';
  /** From then until the agent reports. */
  readonly agentSeconds?: number;
  /** False: it was never deprovisioned; true: it was, whatever ran in the VM it is of. */
  readonly generalized?: boolean;
  /** What a system that does not come up leaves on the serial console. */
  readonly console?: string;
  /** What scripts come to, without running: the first that fits a script counts. */
  readonly scripts?: readonly ScriptBehaviour[];
  /** How a guest that nothing else is known of differs from the usual one. */
  readonly options?: GuestOptions & WindowsOptions;
}

/** What a script comes to. */
export interface ScriptBehaviour {
  /** A part of the script's text; left out, it is any script. */
  readonly contains?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly seconds?: number;
  /** `hangs`: it has no end; `reboots`: the guest restarts at its end. */
  readonly ends?: 'normally' | 'hangs' | 'reboots';
}

const SUFFIX = '/providers/LocalAzure/guests/default';

/** What the world says of the guest of these resources, the nearest first. */
export function behaviourOf(world: World, ids: readonly string[]): GuestBehaviour {
  const said = ids.map((id) => world.get(`${id}${SUFFIX}`)?.properties ?? {});
  return checked(Object.assign({}, ...said.toReversed()));
}

/** A member of another kind than it is to be is left out. */
function checked(said: JsonObject): GuestBehaviour {
  const { boots, generalized, options } = said;
  const bootSeconds = numberAt(said, 'bootSeconds');
  const agentSeconds = numberAt(said, 'agentSeconds');
  const agent = textAt(said, 'agent');
  const console = textAt(said, 'console');
  const scripts = objectsAt(said, 'scripts');
  return {
    ...(typeof boots === 'boolean' && { boots }),
    ...(typeof generalized === 'boolean' && { generalized }),
    ...(bootSeconds !== undefined && { bootSeconds }),
    ...(agentSeconds !== undefined && { agentSeconds }),
    ...((agent === 'never' || agent === 'ready') && { agent }),
    ...(console !== undefined && { console }),
    ...(scripts.length > 0 && { scripts: scripts as ScriptBehaviour[] }),
    ...(isObject(options) && { options: options as GuestOptions & WindowsOptions }),
  };
}
