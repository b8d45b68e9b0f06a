import { joined } from './words.ts';

/** What a `Failure` says, in words for the person who reads it. */
export interface FailureText {
  /**
   * Whose move it is after a failure: `input`, the caller mends the workflow; `refused`, a rule of
   * ours or Azure's own forbids it; `transient`, Azure or the network misbehaved longer than the
   * retries lasted; `timeout` and `cancelled`, time or a person ended the run while Azure may still
   * be at work; `bug`, none of these: something nobody foresaw.
   */
  readonly kind: 'input' | 'refused' | 'transient' | 'timeout' | 'cancelled' | 'bug';
  /** What happened, one sentence. */
  readonly what: string;
  /** Why that is likely. */
  readonly why?: string;
  /** What the reader can do about it. */
  readonly remedy?: string;
  /** What the remedy tells to paste; the job summary shows it below. */
  readonly paste?: { readonly language: 'sh' | 'yaml'; readonly text: string };
  /** Azure's error code, such as `AuthorizationFailed`. */
  readonly code?: string;
  /** Azure's `x-ms-correlation-request-id`, which its support asks for. */
  readonly correlationId?: string;
  /** HTTP status of the answer that led here, when there was one. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** The one error type that leaves a folder: everything a person at two in the morning needs. */
export class Failure extends Error implements FailureText {
  readonly kind!: FailureText['kind'];
  readonly what!: string;
  readonly why?: string;
  readonly remedy?: string;
  readonly paste?: NonNullable<FailureText['paste']>;
  readonly code?: string;
  readonly correlationId?: string;
  readonly status?: number;

  constructor({ cause, ...text }: FailureText) {
    super(
      joined('\n', [text.what, text.why, text.remedy, text.paste?.text, traceLine(text)]),
      cause === undefined ? undefined : { cause },
    );
    Object.assign(this, text, { name: 'Failure' });
  }

  /** The same failure told otherwise; everything that is not named stays. */
  with(change: Partial<FailureText>): Failure {
    return new Failure({ ...this, cause: this.cause, ...change });
  }
}

/** A failure because a rule of ours or Azure's own forbids it. */
export const refused = (text: Omit<FailureText, 'kind'>): Failure =>
  new Failure({ kind: 'refused', ...text });

/** Whether it is a `Failure` by a rule of ours or of Azure's: no retry helps. */
export const isRefusal = (thrown: unknown): thrown is Failure =>
  thrown instanceof Failure && thrown.kind === 'refused';

const traceLine = ({ code, correlationId }: FailureText): string =>
  joined(' ', [
    code && `Azure's code: ${code}.`,
    correlationId && `Correlation ID: ${correlationId}.`,
  ]);

/** Turns whatever was thrown into a `Failure`; one that already is comes back as it is. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure({
    kind: 'bug',
    what: `Something unexpected happened: ${messageOf(thrown)}`,
    why: 'This is probably a fault in the action itself.',
    remedy:
      'Re-run the failed job; it resumes here. If it fails again, report it with the debug log.',
    cause: thrown,
  });
}

/** Catches what is so, which then is nothing; throws anything else. */
export const nothingIf =
  (isSo: (thrown: unknown) => boolean) =>
  (thrown: unknown): undefined => {
    if (!isSo(thrown)) throw thrown;
  };

/** What an error says, or whatever else was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    // Not everything that can be thrown can be made a string.
    return `a thrown ${typeof thrown}`;
  }
}
