import { Failure } from '../../domain/failure.ts';
import { readSignIn } from '../sign-in.ts';
import { InputReader, type InputSource, type Mistake } from './reader.ts';
import { READ_REQUEST } from './requests.ts';

/** What the inputs say. A setting that is wrong has its default, so that every run can report. */
export type Inputs = ReturnType<typeof readInputs>;

export function readInputs(source: InputSource) {
  const reader = new InputReader(source);
  reader.checkAll();
  const operation = reader.value('operation');
  return {
    operation,
    /** As whom, and what is to be done; `undefined` when a mistake leaves it open. */
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
