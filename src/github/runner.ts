import * as core from '@actions/core';
import type { Severity } from '../domain/finding.ts';

/** What a step can tell the runner that started it. */
export interface Runner {
  /** One line of the log, as it is; a workflow command takes effect. */
  print(line: string): void;
  /** An annotation, shown beside the run. */
  annotate(severity: Severity, text: string, title: string): void;
  /** An output of the step. */
  output(name: string, value: string): void;
  /** Something that `post` is to know. */
  save(name: string, value: string): void;
}

const ANNOTATE = { error: core.error, warning: core.warning, notice: core.notice } as const;

/** The runner that started this process. */
export const gitHubRunner: Runner = {
  print: core.info,
  annotate: (severity, text, title) => ANNOTATE[severity](text, { title }),
  output: core.setOutput,
  save: core.saveState,
};
