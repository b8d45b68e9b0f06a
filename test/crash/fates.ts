import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { SentRequest } from './network.ts';

/** What happens to one request of a run. */
export type Fate = {
  readonly name: string;
  /** Whether Azure gets the request, and acts on it. */
  readonly reaches: boolean;
  /** Only requests that fit; any when left out. */
  readonly only?: (request: SentRequest) => boolean;
  /** What happens in Azure right before it. */
  readonly change?: (azure: LocalAzure) => void;
  /** It happens before each later request of the attempt too. */
  readonly onward?: true;
} & (
  | {
      /** Nothing befalls the request itself. */
      readonly does: 'pass';
    }
  | {
      /** The run is dead: nothing is answered ever again, and nobody is told. */
      readonly does: 'abandon';
    }
  | {
      /** GitHub cancels the run in this instant. */
      readonly does: 'cancel';
    }
  | { readonly does: 'hang' }
  | {
      /** Azure knows nothing of this path any more. */
      readonly does: 'forget';
    }
  | { readonly does: 'break'; readonly code: string }
  | {
      readonly does: 'answer';
      readonly status: number;
      readonly more?: (azure: LocalAzure) => { readonly retryAfter: string };
    }
);

const isPoll = ({ path }: SentRequest): boolean =>
  /\/(operations|capsOperations|DiskOperations)\//i.test(path);

const dateIn = (seconds: number) => (azure: LocalAzure) => ({
  retryAfter: new Date(azure.clock.now() + seconds * 1000).toUTCString(),
});

/**
 * Every way in which a request was reported to go wrong: Microsoft Learn, "Throttling Resource
 * Manager requests" and "Resolve errors", and Azure/azure-sdk-for-js on polls that die of one of these.
 */
export const FATES: readonly Fate[] = [
  { name: 'abandoned before it', reaches: false, does: 'abandon' },
  { name: 'abandoned after it', reaches: true, does: 'abandon' },
  { name: 'cancelled', reaches: false, does: 'cancel' },
  { name: '408', reaches: false, does: 'answer', status: 408 },
  { name: '408 after it took effect', reaches: true, does: 'answer', status: 408 },
  { name: '429', reaches: false, does: 'answer', status: 429 },
  {
    name: '429 with Retry-After in seconds',
    reaches: false,
    does: 'answer',
    status: 429,
    more: () => ({ retryAfter: '17' }),
  },
  {
    name: '429 with Retry-After as a date',
    reaches: false,
    does: 'answer',
    status: 429,
    more: dateIn(20),
  },
  { name: '500, empty', reaches: false, does: 'answer', status: 500 },
  { name: '500 after it took effect', reaches: true, does: 'answer', status: 500 },
  { name: '502, empty', reaches: false, does: 'answer', status: 502 },
  { name: '503, empty', reaches: false, does: 'answer', status: 503 },
  { name: '504 after it took effect', reaches: true, does: 'answer', status: 504 },
  { name: 'reset before it', reaches: false, does: 'break', code: 'ECONNRESET' },
  { name: 'reset after it took effect', reaches: true, does: 'break', code: 'ECONNRESET' },
  { name: 'ENOTFOUND', reaches: false, does: 'break', code: 'ENOTFOUND' },
  { name: 'EAI_AGAIN', reaches: false, does: 'break', code: 'EAI_AGAIN' },
  { name: 'no answer ever', reaches: false, does: 'hang' },
  { name: 'no answer ever, though it took effect', reaches: true, does: 'hang' },
  { name: 'its poll URL forgotten', reaches: false, does: 'forget', only: isPoll },
];

/** Whether the attempt is to get through in spite of it, without being run again. */
export const isSurvived = ({ does }: Fate): boolean => does !== 'abandon' && does !== 'cancel';
