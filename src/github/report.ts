import type { Failure } from '../domain/failure.ts';
import { type Finding, forbids, type Unchecked } from '../domain/finding.ts';
import { nameOf } from '../domain/resource-id.ts';
import { counted, joined } from '../domain/words.ts';
import { leftoversOf } from '../plan/clean-up.ts';
import { withInFlight } from '../plan/in-flight.ts';
import { describeStep, expectedTotal, type Step } from '../plan/plan.ts';
import { reportedTarget } from '../plan/reported.ts';
import type { Announcement, Facts, Reporter } from '../run/reporter.ts';
import { fitted, outputsOf } from './outputs.ts';
import { duration, logLines } from './plain.ts';
import { withEnd } from './pruning.ts';
import { byLack, emptyRecord, isRefused, type RunRecord } from './record.ts';
import { gitHubRunner, type Runner, say, tell } from './runner.ts';
import { verdictOf } from './verdict.ts';

const ENDED = {
  done: '✓ ',
  failed: '✗ failed after ',
  interrupted: '… interrupted after ',
} as const;

/** Tells GitHub how the run goes: log, annotations, outputs as soon as they are known. */
export class GitHubReporter implements Reporter {
  #record: RunRecord;
  readonly #runner: Runner;
  readonly #written = new Map<string, string>();
  /** Findings that were told: a run that looks again finds most of them again. */
  readonly #told = new Set<string>();
  /** What Azure may still do when the run ends now. */
  #running: { readonly step: Step; readonly began: number } | undefined;
  #hasEnded = false;

  /** @param asked as far as that can be told of inputs that may be wrong */
  constructor(
    asked: Pick<RunRecord, 'operation' | 'dryRun' | 'portal'>,
    runner: Runner = gitHubRunner,
  ) {
    this.#record = { ...emptyRecord, ...asked };
    this.#runner = runner;
  }

  get record(): RunRecord {
    return this.#record;
  }

  info(line: string): void {
    say(line, this.#runner);
  }

  warn(message: string): void {
    tell(message, 'warning', this.#runner);
  }

  announce(known: Announcement): void {
    const { target, passed, ...told } = known;
    const { planned, findings, unchecked } = told;
    const reported = target && reportedTarget(target);
    this.#update({ shown: {}, ...told, ...(reported && { target: reported }) });
    const fresh = findings.filter(({ rule, message }) => !this.#told.has(`${rule} ${message}`));
    for (const { rule, message } of fresh) this.#told.add(`${rule} ${message}`);
    for (const { severity, title, text } of annotationsOf(fresh))
      this.#runner.annotate(severity, text, title);
    if (passed !== undefined) this.info(preflightLine(passed, findings, unchecked));
    if (!target || forbids(findings) || planned.length === 0) return;
    const leftovers = this.#record.dryRun ? undefined : leftoversOf(target);
    if (leftovers) this.#runner.save('leftovers', JSON.stringify(leftovers));
    this.info(
      `Plan for ${target.version || nameOf(reported?.vm ?? '')}, typically ${duration(expectedTotal(planned))}:`,
    );
    for (const step of planned)
      this.info(
        `  ${describeStep(step)}: ${duration(step.expectedSeconds)}${step.irreversible ? ', irreversible' : ''}`,
      );
  }

  stepStarted(step: Step): void {
    this.#runner.save('doing', describeStep(step));
    this.#running = { step, began: Date.now() };
    const title = logLines(describeStep(step)).join(' ');
    this.#runner.print(speaks(step) ? `::group::${title}` : `▸ ${title}`);
  }

  say(_step: Step, line: string): void {
    if (!this.#hasEnded) this.info(line);
  }

  stepEnded(step: Step, seconds: number, failure?: unknown): void {
    if (this.#hasEnded) return;
    // A step that ends with the run is one that Azure may go on with.
    if (failure === undefined) this.#running = undefined;
    this.#endStep(step, seconds, failure === undefined ? 'done' : 'failed');
  }

  learned(facts: Partial<Facts>): void {
    if (facts.versionKnown) this.#runner.save('version', this.#record.target?.version ?? '');
    this.#update(facts);
  }

  pruned(id: string, end: Parameters<typeof withEnd>[2] = 'deleted'): void {
    const { pruning } = this.#record;
    if (pruning) this.#update({ pruning: withEnd(pruning, id, end) });
  }

  /** The run has ended; `failure` says how if not well. */
  ended(seconds: number, changed: boolean, thrown?: Failure): RunRecord {
    const { target, versionKnown, snapshotIds, steps, operation } = this.#record;
    const version = versionKnown ? target?.version : undefined;
    const vm = operation === 'capture' && snapshotIds.length > 0 ? target?.vm : undefined;
    const done = vm ? { vm, steps: steps.map(({ step }) => step) } : undefined;
    const failure = thrown && withInFlight(thrown, this.#running?.step, version, done);
    this.#interrupt();
    this.#hasEnded = true;
    this.#runner.save('finished', failure ? 'badly' : 'well');
    this.#update({ seconds, changed, ...(failure && { failure }) });
    const { headline, more } = verdictOf(this.#record);
    const words = headline.replaceAll('`', '');
    // What the checks found was annotated when they found it.
    if (failure && !isRefused(this.#record)) this.#runner.annotate('error', failure.message, words);
    else this.info(joined(' ', [`${words}.`, more]));
    return this.#record;
  }

  #interrupt(): void {
    if (!this.#running) return;
    const { step, began } = this.#running;
    if (!this.#record.steps.some((each) => each.step === step))
      this.#endStep(step, (Date.now() - began) / 1000, 'interrupted');
  }

  #endStep(step: Step, seconds: number, outcome: keyof typeof ENDED): void {
    this.#update({ steps: [...this.#record.steps, { step, outcome, seconds }] });
    if (speaks(step)) this.#runner.print('::endgroup::');
    this.info(`${ENDED[outcome]}${duration(seconds)}`);
  }

  #update(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#writeOutputs(change.seconds !== undefined);
  }

  /**
   * An output is written when it changes. `state` and `changed` are only known at the end, and
   * `replication` changes with each look.
   */
  #writeOutputs(atEnd: boolean): void {
    for (const [name, value] of Object.entries(outputsOf(this.#record))) {
      if (!atEnd && (name === 'state' || name === 'changed' || name === 'replication')) continue;
      const text = typeof value === 'string' ? value : fitted(value);
      if (this.#written.get(name) === text) continue;
      this.#written.set(name, text);
      this.#runner.output(name, text);
    }
  }
}

/** Whether a step has lines of its own in the log: a group without any is only in the way. */
const speaks = ({ do: kind }: Step): boolean =>
  !['start', 'deallocate', 'generalize'].includes(kind);

/** What the checks came to, in one line; which rules they were, the job summary has. */
function preflightLine(
  passed: number,
  findings: readonly Finding[],
  unchecked: readonly Unchecked[],
): string {
  const of = (severity: Finding['severity']) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count > 0 && counted(count, severity);
  };
  const reasons = byLack(unchecked).map(({ lacks }) => lacks);
  return `Preflight: ${joined(', ', [
    `${counted(passed, 'check')} passed`,
    of('error'),
    of('warning'),
    of('notice'),
    unchecked.length > 0 && `${unchecked.length} not checked (${reasons.join('; ')})`,
  ])}.`;
}

/**
 * How many of a kind GitHub shows of one step; those beyond are lost without a word ("Workflow
 * commands for GitHub Actions", limits of annotations). One warning and one notice are left to
 * what the run itself may have to say.
 */
const MOST: Readonly<Record<Finding['severity'], number>> = { error: 10, warning: 9, notice: 9 };

/**
 * The findings as annotations of the step, in their order; what is too many of a kind stands in the
 * last.
 */
export function annotationsOf(findings: readonly Finding[]) {
  return (['error', 'warning', 'notice'] as const).flatMap((severity) => {
    const all = findings.filter((finding) => finding.severity === severity);
    const alone = all.length > MOST[severity] ? MOST[severity] - 1 : all.length;
    const rest = all.slice(alone);
    const folded = {
      severity,
      title: `${rest.length} more ${severity}s`,
      text: rest.map(({ rule, message, remedy }) => `${rule}: ${message} ${remedy}`).join('\n'),
    };
    return [...all.slice(0, alone).map(single), ...(rest.length > 0 ? [folded] : [])];
  });
}

const single = ({ severity, rule, title, message, remedy }: Finding) => ({
  severity,
  title: title ? `${rule}: ${title}` : rule,
  text: `${message}\n${remedy}`,
});
