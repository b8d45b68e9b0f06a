/**
 * Builds what a package of the local Azure holds: Node does not strip types below `node_modules`,
 * so `build/` has JavaScript and declarations, and the scripts that guests run.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

process.chdir(join(import.meta.dirname, '..'));
rmSync('build', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  const isAsset = !path.endsWith('.ts') && statSync(join('src', path)).isFile();
  if (isAsset) cpSync(join('src', path), join('build', path));
}
chmodSync(join('build', 'main.js'), 0o755);
