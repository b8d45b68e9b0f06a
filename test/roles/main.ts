/** `npm run roles`: proves the roles, prints the proof, writes docs/permissions.md and setup/rights.txt. */
import { writeFileSync } from 'node:fs';
import { permissionsPage, rightsFile } from './documents.ts';
import { necessities, sufficiencies } from './proof.ts';

const sufficient = await sufficiencies();
const failed = sufficient.filter(({ failure }) => failure !== undefined);
for (const { run, failure } of failed) console.error(`Not enough for ${run.name}: ${failure}`);
if (failed.length > 0) process.exit(1);
const necessary = await necessities();
const page = permissionsPage(sufficient, necessary);
process.stdout.write(page.slice(page.indexOf('## The proof')));
writeFileSync('docs/permissions.md', page);
writeFileSync('setup/rights.txt', rightsFile());
const idle = necessary.filter(({ run }) => run === undefined);
for (const { action } of idle) console.error(`Idle: ${action}`);
process.exitCode = idle.length > 0 ? 1 : 0;
