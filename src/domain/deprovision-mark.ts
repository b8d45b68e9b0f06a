import { caselessDigest } from './digest.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';

/** On the build VM: how far its deprovision has come. */
export const DEPROVISION_TAG = `${OUR_PREFIX}deprovision`;

/** What the build VM's tag says of its deprovision. */
export interface DeprovisionMark {
  /**
   * How far it has come. `asked`: the guest may be spoken to, nothing in it is changed. `scheduled`: the
   * order may be in the guest, so there is no second one. `complete`: the guest told that it is done.
   */
  readonly stage: 'asked' | 'scheduled' | 'complete';
  readonly owner: string;
  /** Tells this deprovision's words on the serial console from those of another run. */
  readonly nonce: string;
  /** Tells the snapshots of before the change from others of the same name, see `snapshotsDigest`. */
  readonly snapshots?: string;
}

/** The same in every attempt of an owner, so that a stale read of the tag leads to no second one. */
export function deprovisionNonce(owner: string): string {
  const text = caselessDigest(['deprovision', owner]);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}`;
}

/** The mark as a tag value. */
export const formatDeprovisionMark = ({ snapshots, ...mark }: DeprovisionMark): string =>
  [mark.stage, mark.owner, mark.nonce, ...(snapshots ? [snapshots] : [])].join(' ');

/**
 * Tells snapshots from others of the same names, by the second in which Azure made them, in whichever
 * order; `undefined` if it hides that.
 */
export function snapshotsDigest(
  taken: readonly { readonly id: string; readonly published?: Date }[],
): string | undefined {
  const made = taken.map(
    ({ id, published }) =>
      published && `${id} ${published.toISOString().slice(0, 19)}`.toLowerCase(),
  );
  const shown = made.filter((each) => each !== undefined);
  return shown.length > 0 && shown.length === made.length
    ? caselessDigest(shown.toSorted())
    : undefined;
}

/** Reads the build VM's deprovision tag; `undefined` when there is none or it is not ours to read. */
export function deprovisionMark(tags: Tags | undefined): DeprovisionMark | undefined {
  const [stage, owner, nonce, snapshots] = tagValue(tags, DEPROVISION_TAG)?.split(' ') ?? [];
  if (!isStage(stage) || !owner || !nonce) return undefined;
  return { stage, owner, nonce, ...(snapshots && { snapshots }) };
}

const isStage = (text: string | undefined): text is DeprovisionMark['stage'] =>
  text === 'asked' || text === 'scheduled' || text === 'complete';

/** The owner that may have begun to change the guest: it was ordered to deprovision itself. */
export function deprovisionedBy(tags: Tags): string | undefined {
  const { stage = 'asked', owner } = deprovisionMark(tags) ?? {};
  return stage === 'asked' ? undefined : owner;
}
