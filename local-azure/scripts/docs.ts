/** Brings what the README takes from the code up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalAzure } from '../src/index.ts';
import { withCoverage } from './coverage.ts';

const readme = join(import.meta.dirname, '../README.md');
writeFileSync(readme, withCoverage(readFileSync(readme, 'utf8'), createLocalAzure().routes));
