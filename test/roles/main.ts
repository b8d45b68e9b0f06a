/** `npm run roles`: proves the roles, prints the proof, and brings the documents up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { permissionsPage, withRights } from './documents.ts';
import { necessities, sufficiencies } from './proof.ts';

const sufficient = await sufficiencies();
const necessary = await necessities();
const page = permissionsPage(sufficient, necessary);
process.stdout.write(page.slice(page.indexOf('## The proof')));
writeFileSync('docs/permissions.md', page);
writeFileSync('README.md', withRights(readFileSync('README.md', 'utf8')));
const failed = sufficient.filter(({ failure }) => failure !== undefined);
const idle = necessary.filter(({ run }) => run === undefined);
for (const { run, failure } of failed) console.error(`Not enough for ${run.name}: ${failure}`);
for (const { action } of idle) console.error(`Idle: ${action}`);
process.exitCode = failed.length + idle.length > 0 ? 1 : 0;
