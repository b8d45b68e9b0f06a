import { Failure } from '../../domain/failure.ts';
import type { Operation, Request } from '../../domain/request.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import { readSignIn } from '../sign-in.ts';
import { InputReader, type InputSource, type Mistake } from './reader.ts';
import { READ_REQUEST } from './requests.ts';

/** What the inputs say. A setting that is wrong has its default, so that every run can report. */
export interface Inputs {
  readonly operation: Operation;
  /** Observe, check, plan and report, but change nothing. */
  readonly dryRun: boolean;
  readonly environment: SignIn['environment'];
  /** Of the whole run, seconds. */
  readonly timeoutSeconds: number;
  /** The unit of every wait and back-off, seconds; not given: adaptive. */
  readonly pollSeconds: number | undefined;
  /** Where all outputs go as JSON. */
  readonly resultFile: string | undefined;
  /** Keep a comment on the pull request up to date. */
  readonly comment: boolean;
  /** For GitHub's REST API; empty when there is none. */
  readonly token: string;
  /** As whom, and what is to be done; `undefined` when a mistake leaves it open. */
  readonly signIn: SignIn | undefined;
  readonly request: Request | undefined;
  readonly mistakes: readonly Mistake[];
}

export function readInputs(source: InputSource): Inputs {
  const reader = new InputReader(source);
  reader.checkAll();
  const operation = reader.value('operation');
  return {
    operation,
    signIn: readSignIn(reader, source),
    request: READ_REQUEST[operation](reader),
    dryRun: reader.value('dry-run'),
    environment: reader.value('environment'),
    timeoutSeconds: reader.value('timeout-minutes'),
    pollSeconds: reader.value('poll-interval'),
    resultFile: reader.value('result-file'),
    comment: reader.value('comment'),
    token: reader.value('github-token') ?? '',
    mistakes: reader.mistakes,
  };
}

/** What is to be done, and as whom. Throws one `Failure` that lists every mistake. */
export function assignmentOf({ mistakes, signIn, request }: Inputs) {
  refuse(mistakes);
  if (!signIn || !request) throw new Error('Inputs are missing, and yet no mistake was noted');
  return { signIn, request };
}

/** Throws one `Failure` of kind `input` that lists these mistakes, if there is any. */
export function refuse(mistakes: readonly Mistake[]): void {
  const [first] = mistakes;
  if (!first) return;
  throw new Failure({
    kind: 'input',
    what:
      mistakes.length === 1
        ? first.sentence
        : `${mistakes.length} inputs need attention:\n${mistakes.map(({ sentence }) => `- ${sentence}`).join('\n')}`,
    remedy: 'Nothing was changed in Azure. `docs/inputs.md` describes every input.',
  });
}
