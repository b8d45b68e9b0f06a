/** What a run of nektos/act tells: its JSON log on the way, and what ended how. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The end of one step's `main` or `post`. */
export interface StepEnd {
  readonly job: string;
  /** Its ID, or its number in the job, from 0. */
  readonly step: string;
  readonly stage: 'Pre' | 'Main' | 'Post';
  readonly result: string;
}

export interface WorkflowRun {
  readonly exitCode: number | null;
  /** Of every job that ran: `success` or `failure`. A job of a matrix is called `job values`. */
  readonly jobs: Readonly<Record<string, string>>;
  readonly steps: readonly StepEnd[];
  /** Outputs by `job.step`. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Job summaries, one for each step that wrote one. */
  readonly summaries: readonly string[];
  /** Annotations, as `error: text`. */
  readonly annotations: readonly string[];
  /** What the steps printed, a line each. */
  readonly log: string;
}

/** Prints a line of the witness's own, so that a run can be followed. */
export const print = (text: string) => process.stdout.write(`${text}\n`);

/** A line of act's JSON log, as far as it is read here. */
interface LogLine {
  readonly jobID?: string;
  readonly matrix?: Readonly<Record<string, unknown>>;
  readonly stepID?: readonly string[];
  readonly stage?: StepEnd['stage'];
  readonly stepResult?: string;
  readonly jobResult?: string;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly raw_output?: boolean;
  readonly level?: string;
  readonly msg?: string;
}

/** Reads the log of act until it ends; interrupts it as soon as a step prints `cancelAt`. */
export async function follow(
  child: ChildProcess,
  { workflow, cancelAt }: { readonly workflow: string; readonly cancelAt?: RegExp | undefined },
): Promise<WorkflowRun> {
  // Several workflows run at the same time.
  const tell = (text: string) => print(`  ${workflow}: ${text}`);
  const heard = new Listener(tell);
  const take = (text: string) => {
    const line = heard.take(text);
    if (line === undefined || !cancelAt?.test(line) || child.killed) return;
    tell(`cancelled at: ${line}`);
    child.kill('SIGINT');
  };
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', take);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  tell(`act ended with code ${exitCode}`);
  return { exitCode, ...heard.found() };
}

/** Gathers what act's log says. */
class Listener {
  readonly #tell: (text: string) => void;
  readonly #jobs: Record<string, string> = {};
  readonly #steps: StepEnd[] = [];
  readonly #outputs: Record<string, Record<string, string>> = {};
  readonly #summaries: string[] = [];
  readonly #annotations: string[] = [];
  readonly #log: string[] = [];

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Takes a line of act's; returns what a step printed in it. */
  take(text: string): string | undefined {
    const line = parsed(text);
    const {
      jobID = '',
      matrix = {},
      stepID,
      stage,
      stepResult,
      jobResult,
      command,
      arg = '',
    } = line;
    const job = [jobID, ...Object.values(matrix)].join(' ');
    const step = stepID?.[0] ?? '';
    if (jobResult !== undefined) {
      this.#jobs[job] = jobResult;
      this.#tell(`${job}: ${jobResult}`);
    } else if (stepResult !== undefined && stage !== undefined) {
      this.#steps.push({ job, step, stage, result: stepResult });
      this.#tell(`${job}: ${line.msg?.trim().split('\n')[0]}`);
    } else if (command === 'set-output') {
      const known = this.#outputs[`${job}.${step}`];
      this.#outputs[`${job}.${step}`] = { ...known, [line.name ?? '']: arg };
    } else if (command === 'summary') this.#summaries.push(line.content ?? '');
    else if (command === 'error' || command === 'warning' || command === 'notice')
      this.#annotations.push(`${command}: ${arg}`);
    else if (line.raw_output === true || line.level === 'error') {
      this.#log.push(line.msg?.trimEnd() ?? '');
      return line.msg?.trimEnd();
    }
    return undefined;
  }

  found(): Omit<WorkflowRun, 'exitCode'> {
    return {
      jobs: this.#jobs,
      steps: this.#steps,
      outputs: this.#outputs,
      summaries: this.#summaries,
      annotations: this.#annotations,
      log: this.#log.join('\n'),
    };
  }
}

/** Not every line is JSON: act's own last words are not. */
function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: 'error', msg: text };
  }
}
