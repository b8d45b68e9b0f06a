import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as core from '@actions/core';
import { outputsOf, type RunRecord } from './record.ts';
import { summaryOf } from './summary.ts';

/** Writes what remains of a run: the job summary and the result file. Never fails the job. */
export async function leaveRecord(record: RunRecord, resultFile: string | undefined) {
  try {
    if (process.env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(summaryOf(record)).write();
  } catch (error) {
    core.warning(`The job summary could not be written: ${error}`);
  }
  if (!resultFile) return;
  try {
    mkdirSync(dirname(resultFile), { recursive: true });
    writeFileSync(resultFile, `${JSON.stringify(outputsOf(record), undefined, 2)}\n`);
  } catch (error) {
    core.warning(`\`result-file\` could not be written: ${error}`);
  }
}
