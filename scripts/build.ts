/**
 * Builds `dist/`: tsc emits JavaScript (ncc's own loader breaks on TypeScript 7: vercel/ncc#1336), ncc
 * bundles and minifies it; the licenses of what it bundles come beside it. Minified, the bundle has half
 * the bytes, and every job that uses the action downloads it; who reviews it reads the sources of the
 * same commit and builds it again, which gives the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { withEagerModules } from './eager-modules.ts';
import { licenses } from './licenses.ts';

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });

/** What the action loads; what else ncc writes is named below. */
const SHIPPED = ['index.js', 'package.json'];

for (const folder of ['build', 'dist']) rmSync(folder, { recursive: true, force: true });
run('tsc', '-p', 'tsconfig.build.json');
run('ncc', 'build', 'build/main.js', '--out', 'dist', '--minify', '--quiet');
// Loaded by `import()` alone: the package `open` with its script `xdg-open`, for a sign-in in a
// browser (@azure/identity), and `kerberos`, for proxies that ask for it, which no runner has.
for (const name of readdirSync('dist').filter((each) => !SHIPPED.includes(each)))
  rmSync(`dist/${name}`);
writeFileSync('dist/index.js', withEagerModules(readFileSync('dist/index.js', 'utf8')));
writeFileSync('dist/licenses.txt', licenses());
