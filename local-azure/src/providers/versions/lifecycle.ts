/** What a version goes through: creation, updates, failure, deletion, and coming back. */
import type { Arm, ArmRequest, Reply } from '../../arm.ts';
import { idKey } from '../../arm-id.ts';
import { ArmError, armError, concurrentRequest, type ErrorBody } from '../../errors.ts';
import type { Fault } from '../../faults.ts';
import { type JsonObject, textAt } from '../../json.ts';
import type { OperationSpec, Outcome } from '../../operations.ts';
import { pollRegion } from '../../regions.ts';
import type { Resource } from '../../world.ts';
import type { Lingering } from '../gallery-common.ts';
import { isFirstApi } from './first-api.ts';
import { failedRegions, type ReplicationPlan, Replications } from './replication.ts';
import { notValidated, shownVersion } from './shape.ts';
import { SoftDeleted } from './soft-delete.ts';
import { deletionBlock, partialFailure } from './verdicts.ts';

/** Seconds until Azure finds a mismatch: start and end are the same to the second. */
const mismatchSeconds = 0.4;

/** Seconds, of the first answer and of every poll in progress (recorded). */
const retryAfter = { first: 60, poll: 60 };

/** What is needed to make a version. */
interface Creation {
  readonly plan: ReplicationPlan;
  /** Why the operation is going to fail at once, if it is. */
  readonly mismatch: ErrorBody | undefined;
  /** `storageProfile` once it is made. */
  readonly finished: JsonObject;
}

/** The versions' state beyond what a GET shows. */
export class Lifecycle {
  readonly softDeleted: SoftDeleted;
  readonly #arm: Arm;
  readonly #lingering: Lingering;
  readonly #replications: Replications;
  /** Versions that were never built: why, and what every further attempt ends with. */
  readonly #unbuilt = new Map<string, ErrorBody>();
  /** Storage profiles of versions that are being built. */
  readonly #building = new Map<string, JsonObject>();
  /** The request whose outcome decides a version's state: the last one accepted. */
  readonly #latest = new Map<string, string>();
  /** When the write under way ends, in milliseconds. */
  readonly #busyUntil = new Map<string, number>();

  constructor(arm: Arm, lingering: Lingering) {
    this.#arm = arm;
    this.#lingering = lingering;
    this.#replications = new Replications(arm);
    this.softDeleted = new SoftDeleted(arm);
  }

  /** 201 `Creating`; `Succeeded` or `Failed` when the operation ends. */
  create(request: ArmRequest, version: Resource, creation: Creation): Reply {
    const key = idKey(version.id);
    this.#arm.world.put(version);
    this.#building.set(key, creation.finished);
    this.#unbuilt.delete(key);
    const first = shownVersion(structuredClone(version), request.apiVersion, null);
    const mode = textAt(version, 'properties', 'publishingProfile', 'replicationMode') ?? 'Full';
    return this.#replicate(request, version, {
      name: `PUT galleries/images/versions [create; ${mode}]`,
      plan: creation.plan,
      failure: creation.mismatch,
      reply: [201, first],
    });
  }

  /** 200 `Updating`; regions that are new, failed or grown are replicated to. */
  update(request: ArmRequest, version: Resource, plan: ReplicationPlan): Reply {
    const isBuilding = this.#building.has(idKey(version.id));
    version.properties.provisioningState = isBuilding ? 'Creating' : 'Updating';
    const first = shownVersion(structuredClone(version), request.apiVersion, null);
    const kind = plan.regions.length === 0 ? 'metadata' : 'regions';
    return this.#replicate(request, version, {
      name: `PUT galleries/images/versions [update; ${kind}]`,
      plan,
      failure: this.#unbuilt.get(idKey(version.id)),
      // (202 with `Location`: recorded 2018-11, test_gallery_e2e.)
      reply: isFirstApi(request.apiVersion) ? [202, first, { location: true }] : [200, first],
    });
  }

  /** A PUT on a version that was deleted softly brings it back as it was (recorded). */
  restore(request: ArmRequest, deleted: Resource): Reply {
    this.softDeleted.restore(deleted.id);
    this.#arm.world.put(deleted);
    return this.update(request, deleted, { regions: [], seconds: 150.3 });
  }

  /** 202; refused while the version is to be kept until its end of life. */
  remove(request: ArmRequest): Reply {
    const version = this.#arm.world.get(request.id);
    if (version === undefined) return { status: 204 };
    const block = deletionBlock(version, this.#arm.now());
    if (block !== undefined && this.#arm.unknowns.deletionBeforeEndOfLife === 'at once') {
      throw new ArmError(409, block);
    }
    const stateBefore = version.properties.provisioningState;
    const key = idKey(version.id);
    if (block !== undefined) return this.#refuseLater(request, version, block);
    version.properties.provisioningState = 'Deleting';
    this.#replications.stop(version.id);
    this.#busyUntil.delete(key);
    this.#latest.set(key, request.requestId);
    const operation = this.#start(request, version, {
      name: 'DELETE galleries/images/versions',
      onEnd: () => {
        this.#arm.world.delete(version.id);
        this.#building.delete(key);
        this.#unbuilt.delete(key);
        this.#lingering.add(version.id);
        if (this.softDeleted.isEnabledFor(version) && stateBefore === 'Succeeded') {
          this.softDeleted.keep({
            ...version,
            properties: { ...version.properties, provisioningState: 'Succeeded' },
          });
        }
        return undefined;
      },
      onFault: () => {
        version.properties.provisioningState = 'Failed';
      },
    });
    return operation.reply(202, undefined, { location: true });
  }

  #refuseLater(request: ArmRequest, version: Resource, error: ErrorBody): Reply {
    const operation = this.#start(request, version, {
      name: 'DELETE galleries/images/versions',
      seconds: mismatchSeconds,
      onEnd: () => ({ error }),
    });
    return operation.reply(202, undefined, { location: true });
  }

  /** Another write is under way: refused or not, as nobody knows. */
  requireIdle(version: Resource): void {
    const state = textAt(version, 'properties', 'provisioningState') ?? '';
    const isBusy = state === 'Creating' || state === 'Updating';
    if (isBusy && this.#arm.unknowns.updateOfBusyVersion === 'refused') throw concurrentRequest();
  }

  /** (troubleshooting-shared-images.md, with its missing word; status and code inferred.) */
  requireNotDeleting(version: Resource): void {
    if (version.properties.provisioningState !== 'Deleting') return;
    throw armError(
      409,
      'OperationNotAllowed',
      `Operation 'Update Gallery Image Version' is not on allowed on ${version.name}; since it is marked for ` +
        'deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)',
    );
  }

  #replicate(
    request: ArmRequest,
    version: Resource,
    work: {
      readonly name: string;
      readonly plan: ReplicationPlan;
      readonly failure: ErrorBody | undefined;
      readonly reply: readonly [number, JsonObject, { readonly location: true }?];
    },
  ): Reply {
    const { plan, failure } = work;
    this.#latest.set(idKey(version.id), request.requestId);
    const isLatest = (): boolean => this.#latest.get(idKey(version.id)) === request.requestId;
    const operation = this.#start(request, version, {
      name: work.name,
      seconds: failure === undefined ? this.#queued(version) + plan.seconds : mismatchSeconds,
      onEnd: () => (isLatest() ? this.#finish(version, failure) : undefined),
      onFault: (error) => {
        if (isLatest()) this.#fail(version, error);
      },
    });
    this.#busyUntil.set(idKey(version.id), operation.startTime + operation.seconds * 1000);
    this.#replications.begin(version, plan, {
      seconds: operation.seconds,
      mayLag: this.#arm.unknowns.regionsAfterSuccess === 'may lag',
      fault: regionFault(request.fault),
      isDoomed:
        failure !== undefined || (request.fault !== undefined && 'operation' in request.fault),
    });
    return operation.reply(...work.reply);
  }

  /** Seconds a queued write waits for the one under way. */
  #queued(version: Resource): number {
    const end = this.#busyUntil.get(idKey(version.id)) ?? 0;
    return Math.max(0, end - this.#arm.now()) / 1000;
  }

  #start(request: ArmRequest, version: Resource, spec: Partial<OperationSpec> & { name: string }) {
    return this.#arm.operations.start(request, {
      kind: 'capsOperations',
      location: pollRegion(textAt(version, 'location') ?? ''),
      resource: version.id,
      retryAfter,
      ...spec,
    });
  }

  #finish(version: Resource, failure: ErrorBody | undefined): Outcome | undefined {
    if (failure !== undefined) {
      this.#fail(version, failure);
      return { error: failure };
    }
    const key = idKey(version.id);
    const built = this.#building.get(key);
    if (built !== undefined) version.properties.storageProfile = built;
    this.#building.delete(key);
    const failed = failedRegions(version);
    if (failed.length > 0) {
      version.properties.provisioningState = 'Failed';
      return { error: partialFailure(failed) };
    }
    version.properties.validationsProfile = notValidated;
    version.properties.provisioningState = 'Succeeded';
    return undefined;
  }

  /** A version whose first build failed stays `Failed`, whatever is put on it, until deleted. */
  #fail(version: Resource, error: ErrorBody): void {
    const key = idKey(version.id);
    version.properties.provisioningState = 'Failed';
    if (this.#building.has(key)) this.#unbuilt.set(key, error);
    this.#replications.fail(version, error.message);
  }
}

function regionFault(fault: Fault | undefined) {
  return fault !== undefined && 'region' in fault ? fault.region : undefined;
}
