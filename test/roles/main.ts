/** `npm run roles`: proves the roles, prints the proof, and writes docs/permissions.md. */
import { writeFileSync } from 'node:fs';
import { permissionsPage } from './documents.ts';
import { necessities, sufficiencies } from './proof.ts';

const sufficient = await sufficiencies();
const failed = sufficient.filter(({ failure }) => failure !== undefined);
for (const { run, failure } of failed) console.error(`Not enough for ${run.name}: ${failure}`);
if (failed.length > 0) process.exit(1);
const necessary = await necessities();
const page = permissionsPage(sufficient, necessary);
process.stdout.write(page.slice(page.indexOf('## The proof')));
writeFileSync('docs/permissions.md', page);
const idle = necessary.filter(({ run }) => run === undefined);
for (const { action } of idle) console.error(`Idle: ${action}`);
process.exitCode = idle.length > 0 ? 1 : 0;
