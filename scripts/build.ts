/** Builds `dist/`: tsc emits JavaScript, ncc bundles it (its own loader breaks on TypeScript 7: vercel/ncc#1336). */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });

for (const folder of ['build', 'dist']) rmSync(folder, { recursive: true, force: true });
run('tsc', '-p', 'tsconfig.build.json');
run('ncc', 'build', 'build/main.js', '--out', 'dist', '--quiet');
