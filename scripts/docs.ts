/** Brings what action.yml and documents take from the code up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CHAPTERS } from '../src/plan/preflight/chapters.ts';
import { withInputRows } from './action-inputs.ts';
import { withInputs, withOutputs } from './inputs-doc.ts';
import { preflightDoc } from './preflight-doc.ts';

const change = (path: string, to: (page: string) => string) =>
  writeFileSync(path, to(readFileSync(path, 'utf8')));

change('action.yml', withInputRows);
change('docs/inputs.md', withInputs);
change('docs/outputs.md', (page) => withOutputs(page, readFileSync('action.yml', 'utf8')));
writeFileSync('docs/preflight.md', preflightDoc(CHAPTERS));
