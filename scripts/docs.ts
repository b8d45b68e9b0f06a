/** Brings what documents take from action.yml and from the code up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { captureChapters } from '../src/plan/preflight/capture-rules.ts';
import { promoteChapters } from '../src/plan/preflight/promote-rules.ts';
import { preflightDoc } from './preflight-doc.ts';
import { withTables } from './tables.ts';

const readme = readFileSync('README.md', 'utf8');
writeFileSync('README.md', withTables(readme, readFileSync('action.yml', 'utf8')));
writeFileSync('docs/preflight.md', preflightDoc(captureChapters, promoteChapters));
