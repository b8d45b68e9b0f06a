import type { TokenCredential } from '@azure/identity';
import type { Failure } from '../../domain/failure.ts';

/** Gets a fresh GitHub ID token; throws a `Failure` when the job is not allowed to request one. */
export type GetIdToken = (audience: string) => Promise<string>;

/** Why a sign-in failed, and what to do. */
export interface Explanation {
  /** Whose move it is; `input` when left out. */
  readonly kind?: Failure['kind'];
  /** Entra's error code, where the thrown message does not tell it. */
  readonly code?: string;
  readonly why: string;
  readonly remedy: string;
}

/** One way to prove to Microsoft Entra who the run is. */
export interface Method {
  /**
   * Gets the proof ready, anew before every token, and says what is used as whom, without any
   * secret. It completes "Signing in by …". Throws a `Failure` when there is no proof to show.
   */
  prepare(): Promise<string>;
  readonly credential: TokenCredential;
  /** What this method knows of an error that its credential threw with this message. */
  explain(message: string): Explanation | undefined | Promise<Explanation | undefined>;
}
