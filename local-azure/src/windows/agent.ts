/** What the Azure agent of a Windows guest reports of the run commands in it. */
import type { LiveScript } from '../vm/machine-guest.ts';
import type { Process } from './processes.ts';

/** What was reported last of a script. */
interface Report {
  readonly process: Process;
  /** Whether the file is there that the agent reports from. */
  readonly isKept: () => boolean;
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

/**
 * Azure shows what the agent reported last. An agent that stops, or that finds no status file any more
 * (pessimistic: a handler may write it again), reports nothing new, neither output nor an end.
 */
export class Agent {
  readonly #verdict: string | undefined;
  #reports: Report[] = [];
  #stopped = false;

  /** @param verdict the execution state that Azure makes of a stopped agent */
  constructor(verdict: string | undefined) {
    this.#verdict = verdict;
  }

  /** It stops reporting, of every script. */
  stop(): void {
    for (const report of this.#reports) this.#look(report);
    this.#stopped = true;
  }

  /** It runs again; of what it reported before nothing changes any more. */
  restart(): void {
    for (const report of this.#reports) this.#look(report);
    this.#reports = [];
    this.#stopped = false;
  }

  /** A script has printed something, or ended. */
  look(process: Process, exitCode?: number): void {
    for (const report of this.#reports)
      if (report.process === process) this.#look(report, exitCode);
  }

  /** What Azure shows of a script. */
  report(process: Process, isKept: () => boolean): LiveScript {
    const report: Report = { process, isKept, stdout: '', stderr: '', exitCode: undefined };
    this.#reports.push(report);
    const look = () => {
      if (this.#reports.includes(report)) this.#look(report);
      return report;
    };
    const isSilent = () => this.#stopped && this.#reports.includes(report);
    const verdict = this.#verdict;
    return {
      get stdout() {
        return look().stdout;
      },
      get stderr() {
        return look().stderr;
      },
      get exitCode() {
        return look().exitCode;
      },
      get lost() {
        return process.lost;
      },
      get verdict() {
        return isSilent() ? verdict : undefined;
      },
      kill: () => process.kill(),
    };
  }

  #look(report: Report, exitCode = report.process.exitCode): void {
    if (this.#stopped || !report.isKept()) return;
    report.stdout = report.process.stdout;
    report.stderr = report.process.stderr;
    report.exitCode = exitCode;
  }
}
