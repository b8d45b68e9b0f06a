/** The action's own reporter, overheard: what it is told, and what it tells GitHub's runner. */
import type { Finding, Unchecked } from '../../src/domain/finding.ts';
import type { LatestByRegion } from '../../src/domain/latest.ts';
import type { RegionReplication } from '../../src/domain/replication.ts';
import type { Target } from '../../src/domain/target.ts';
import type { Verification } from '../../src/domain/verification.ts';
import { GitHubReporter } from '../../src/github/report.ts';
import type { Runner } from '../../src/github/runner.ts';
import type { Step } from '../../src/plan/plan.ts';
import type { Announcement, Facts } from '../../src/run/reporter.ts';

/** What a run told GitHub's runner. */
export interface Told {
  /** The log, annotations and commands as GitHub's runner has them. */
  readonly log: string[];
  readonly outputs: Map<string, string>;
}

/** What a listener heard. */
export interface Heard {
  readonly lines: string[];
  readonly started: string[];
  /** Seconds each kind of step took. */
  readonly took: Map<string, number>;
  readonly findings: Finding[];
  readonly warnings: string[];
  unchecked: readonly Unchecked[];
  planned: readonly Step[];
  snapshots: readonly string[];
  announced?: Target;
  known?: Target;
  verification?: Verification | undefined;
  latestBefore?: LatestByRegion;
  latestAfter?: LatestByRegion;
  replication: readonly RegionReplication[];
}

/** Keeps what GitHub's runner is told, commands in the form in which they stand in a log. */
export const runnerThatTells = ({ log, outputs }: Told): Runner => ({
  print: (line) => log.push(line),
  annotate: (severity, text, title) => log.push(`::${severity} title=${title}::${text}`),
  output: (name, value) => outputs.set(name, value),
  save: () => undefined,
});

/** The action's own reporter, overheard. */
export class Listener extends GitHubReporter {
  readonly heard: Heard = {
    lines: [],
    started: [],
    took: new Map(),
    findings: [],
    warnings: [],
    unchecked: [],
    planned: [],
    snapshots: [],
    replication: [],
  };

  override announce(known: Announcement) {
    const { target, planned, findings, unchecked } = known;
    if (target) this.heard.announced = target;
    this.heard.findings.push(...findings);
    this.heard.planned = planned;
    this.heard.unchecked = unchecked;
    super.announce(known);
  }
  override stepStarted(step: Step) {
    this.heard.started.push(step.do);
    super.stepStarted(step);
  }
  override say(step: Step, line: string) {
    this.heard.lines.push(line);
    super.say(step, line);
  }
  override stepEnded(step: Step, seconds: number, failure?: unknown) {
    this.heard.took.set(step.do, seconds);
    super.stepEnded(step, seconds, failure);
  }
  override warn(message: string) {
    this.heard.warnings.push(message);
    super.warn(message);
  }
  override info(line: string) {
    this.heard.lines.push(line);
    super.info(line);
  }
  override learned(facts: Partial<Facts>) {
    const { versionKnown, snapshotIds, replication, latestBefore, latestAfter } = facts;
    if (versionKnown && this.heard.announced) this.heard.known = this.heard.announced;
    if (snapshotIds) this.heard.snapshots = snapshotIds;
    if (replication) this.heard.replication = replication;
    if ('verification' in facts) this.heard.verification = facts.verification;
    if (latestBefore) this.heard.latestBefore = latestBefore;
    if (latestAfter) this.heard.latestAfter = latestAfter;
    super.learned(facts);
  }
}
