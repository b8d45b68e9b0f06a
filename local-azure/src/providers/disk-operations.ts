/** Operations of the disk service, and reading what they leave behind. */
import { type Arm, type ArmRequest, inGroup, inSubscription, type Reply } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import { type Json, type JsonObject, textAt } from '../json.ts';
import { outputsGeneration } from '../service-history.ts';
import { page, type Resource } from '../world.ts';
import { shownDisk } from './disk-shapes.ts';

/** GET of one, and the lists of a group and of a subscription. */
export function registerDiskReads(arm: Arm, type: string): void {
  arm.route('GET', inGroup(`${type}/{name}`), 'recordings', (request) => {
    const found = arm.world.get(request.id);
    if (found === undefined) throw entityNotFound();
    return { status: 200, body: shownDisk(found, request.apiVersion) };
  });
  const list = (request: ArmRequest): Reply => ({
    status: 200,
    body: page(arm.world.list(request.id, type).map((each) => shownDisk(each, request.apiVersion))),
  });
  arm.route('GET', inGroup(type), 'recordings', list);
  arm.route('GET', inSubscription(type), 'recordings', list);
}

/** A write of a disk or snapshot that has been accepted. */
interface DiskWrite {
  /** Key of the medians. */
  readonly name: string;
  /** Body of the first answer; a DELETE has none. */
  readonly reply?: JsonObject;
  /** The resource when the operation ends; it is deleted when there is none. */
  readonly final?: () => Resource;
  /** What the operation puts out instead of the resource. */
  readonly output?: () => Json | undefined;
  /** Whether the output has a `completionPercent`, which it has not with CopyStart (recorded). */
  readonly tellsProgress?: boolean;
}

/** Retry-After, in seconds, of a write and then of its polls (recorded). */
const writeRetryAfter = { first: 2, poll: 10 };

/**
 * Starts the operation: 202 with both headers; its output is the finished resource. A fault makes
 * an existing resource `Failed`.
 */
export function startDiskOperation(arm: Arm, request: ArmRequest, write: DiskWrite): Reply {
  const { world } = arm;
  const operation = arm.operations.start(request, {
    kind: 'DiskOperations',
    location: textAt(world.get(request.id), 'location') ?? textAt(request.body, 'location') ?? '',
    name: write.name,
    resource: request.id,
    ...(write.reply === undefined ? {} : { retryAfter: writeRetryAfter }),
    onEnd: () => {
      if (write.output !== undefined) {
        const output = write.output();
        return output === undefined ? {} : { output };
      }
      if (write.final === undefined) {
        world.delete(request.id);
        return {};
      }
      const resource = world.put(write.final());
      // What an operation puts out is not as old as an old client asks for (recorded).
      const least = outputsGeneration(arm.now()) ? '2018-09-30' : '2018-06-01';
      const version = request.apiVersion < least ? least : request.apiVersion;
      const shown = shownDisk(resource, version);
      return {
        output: write.tellsProgress === true ? structuredClone(shown) : withoutProgress(shown),
      };
    },
    onFault: () => {
      const resource = world.get(request.id);
      if (resource !== undefined) resource.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(202, write.reply, { location: true });
}

/** A copy of the resource without `completionPercent`. */
function withoutProgress({ properties, ...resource }: Resource): JsonObject {
  const { completionPercent: _, ...others } = properties;
  return structuredClone({ ...resource, properties: others }) as JsonObject;
}
