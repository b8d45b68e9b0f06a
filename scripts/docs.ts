/** Brings what documents take from action.yml and from the code up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { INPUTS } from '../src/github/inputs/request.ts';
import { captureChapters } from '../src/plan/preflight/capture-rules.ts';
import { promoteChapters } from '../src/plan/preflight/promote-rules.ts';
import { withInputs, withOutputs } from './inputs-doc.ts';
import { preflightDoc } from './preflight-doc.ts';

const actionYml = readFileSync('action.yml', 'utf8');
const change = (path: string, to: (page: string) => string) =>
  writeFileSync(path, to(readFileSync(path, 'utf8')));

change('docs/inputs.md', (page) => withInputs(page, actionYml, INPUTS));
change('docs/outputs.md', (page) => withOutputs(page, actionYml));
writeFileSync('docs/preflight.md', preflightDoc(captureChapters, promoteChapters));
