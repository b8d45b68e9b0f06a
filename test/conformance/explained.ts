import { isObject, listAt, numberAt, objectAt, textAt } from '../azure/json.ts';
import type { Difference, DifferenceKind } from './compare.ts';
import type { Target } from './resource-path.ts';
import type { Exchange } from './scenario.ts';

/** A kind of difference that is known, and why it is right to leave it. */
interface Explanation {
  readonly kinds: readonly DifferenceKind[];
  /** Resource type the exchange is about, in lower case; absent: any. */
  readonly type?: string;
  readonly where: RegExp;
  readonly recorded?: RegExp;
  /** What must hold of the recorded body. */
  readonly answer?: (answer: unknown) => boolean;
  readonly reason: string;
}

const vm = 'microsoft.compute/virtualmachines';

/**
 * Each entry says what the difference comes from. It belongs here only when the recording depends
 * on something that is neither in its requests nor Azure's own behaviour.
 */
const explanations: readonly Explanation[] = [
  {
    kinds: ['start'],
    where: /^operation$/,
    reason:
      'the request that began this operation is not in the recording, so there is none to poll',
  },
  {
    kinds: ['missing'],
    type: vm,
    where:
      /^(value\[\d+\]\.)?(resources|properties\.instanceView\.(extensions|vmAgent\.extensionHandlers.*))$/,
    reason: 'VM extensions are out of scope, so a VM does not show those that were installed',
  },
  {
    kinds: ['missing', 'extra', 'value'],
    type: vm,
    where: /^properties\.instanceView\.(computerName|osName|osVersion|vmAgent\..*)$/,
    reason: 'the guest and its agent say this of themselves, and the recorded guest cannot be run',
  },
  {
    kinds: ['value', 'missing', 'extra'],
    where:
      /\b(osType|hyperVGeneration|supportsHibernation|supportedCapabilities\b.*|diskSizeGB|diskSizeBytes|tier|disk(IOPS|MBps)ReadWrite)$/,
    answer: isFromMarketplace,
    reason:
      'what a marketplace image holds is known to the marketplace, whose catalogue is not modelled',
  },
  {
    kinds: ['value'],
    where: /\bdiskSizeBytes$/,
    recorded: /^\d+$/,
    answer: (answer) => (contentOf(answer).diskSizeBytes ?? 0) % bytesPerGB !== 0,
    reason: 'a size that is not of whole GB is that of a marketplace image, copied along',
  },
  {
    kinds: ['header'],
    type: vm,
    where: /^x-ms-ratelimit-remaining-resource$/,
    recorded: /^Microsoft.Compute\/HighCostGet/,
    answer: (answer) => isObject(answer) && listAt(answer, 'value').length === 0,
    reason: 'some seconds long ARM may still count a VM just deleted, and asks its provider',
  },
  {
    kinds: ['header'],
    type: 'microsoft.compute/diskencryptionsets',
    where: /^x-ms-ratelimit-remaining-resource$/,
    recorded: /HighCostDiskEncryptionSet/,
    reason: 'which of two names a limit has depends on the region: recorded both in one month',
  },
];

const bytesPerGB = 1024 ** 3;

/** The disk or snapshot of a recorded body, which may be the output of an operation. */
function contentOf(answer: unknown): { diskSizeBytes: number | undefined; image: boolean } {
  const output = objectAt(answer, 'properties', 'output');
  const properties = objectAt(Object.keys(output).length > 0 ? output : answer, 'properties');
  return {
    diskSizeBytes: numberAt(properties, 'diskSizeBytes'),
    image: /\/publishers\//i.test(textAt(properties, 'creationData', 'imageReference', 'id') ?? ''),
  };
}

function isFromMarketplace(answer: unknown): boolean {
  return contentOf(answer).image;
}

/** The written reason for a difference, or undefined when there is none. */
export function explanationOf(
  difference: Difference,
  { subject, exchange }: { readonly subject: Target; readonly exchange: Exchange },
): string | undefined {
  return explanations.find(
    (entry) =>
      entry.kinds.includes(difference.kind) &&
      (entry.type === undefined || entry.type === subject.type.toLowerCase()) &&
      entry.where.test(difference.where) &&
      (entry.recorded === undefined || entry.recorded.test(difference.recorded)) &&
      (entry.answer === undefined || entry.answer(exchange.answer)),
  )?.reason;
}
