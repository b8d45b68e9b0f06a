import type { Patience, Request } from '../../domain/request.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import { readCapture } from './capture.ts';
import { readPromote } from './promote.ts';
import { readPrune } from './prune.ts';
import { InputReader, type InputSource } from './reader.ts';
import { readRestore } from './restore.ts';
import { readSignIn } from './sign-in.ts';
import { readVerify } from './verify.ts';
import { readWait } from './wait.ts';

/** What the inputs ask for. */
export interface Assignment {
  readonly request: Request;
  readonly signIn: SignIn;
  readonly patience: Patience;
  /** Observe, check, plan and report, but change nothing. */
  readonly dryRun: boolean;
}

/** How what is asked of each operation is read. */
const READ = {
  capture: readCapture,
  promote: readPromote,
  verify: readVerify,
  wait: readWait,
  prune: readPrune,
  restore: readRestore,
} as const;

/**
 * Reads all inputs.
 *
 * Throws one `Failure` of kind `input` that lists every mistake.
 */
export function readAssignment(source: InputSource): Assignment {
  const reader = new InputReader(source);
  const { request, signIn, ...rest } = readAll(reader, source);
  reader.finish();
  if (!signIn || !request) throw new Error('Inputs are missing, and yet no mistake was noted');
  return { request, signIn, ...rest };
}

/**
 * Looks for mistakes where variables of the repository are withheld, as from pull requests of
 * forks: what is not given is none.
 *
 * Throws one `Failure` of kind `input` that lists every mistake.
 */
export function checkInputs(source: InputSource): void {
  const reader = new InputReader(source);
  readAll(reader, source);
  reader.finish(true);
}

function readAll(reader: InputReader, source: InputSource) {
  reader.checkAll();
  const pollSeconds = reader.value('poll-interval');
  return {
    signIn: readSignIn(reader, source),
    request: READ[reader.value('operation')](reader),
    patience: {
      timeoutSeconds: reader.value('timeout-minutes'),
      ...(pollSeconds !== undefined && { pollSeconds }),
    },
    dryRun: reader.value('dry-run'),
  };
}
