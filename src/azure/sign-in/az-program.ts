import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** What is thrown when there is no Azure CLI. */
export const AZ_IS_MISSING = 'There is no Azure CLI on the PATH.';

/** A program and the arguments that come before all others. */
interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What to start for `az`. On Windows `az` is a batch file, which only a shell can run, and a shell
 * reads more into arguments than they say. It does no more than start the Python beside it
 * (azure-cli, `build_scripts/windows/scripts/az.cmd`), and so does this.
 */
export function azProgram(
  platform: NodeJS.Platform,
  env: Env,
  exists: (file: string) => boolean = existsSync,
): Program | undefined {
  if (platform !== 'win32') return { file: 'az', args: [] };
  const { join } = path.win32;
  const folders = (env.PATH ?? env.Path ?? '').split(';').filter(Boolean);
  const home = folders.find((folder) =>
    ['az.cmd', 'az.bat'].some((name) => exists(join(folder, name))),
  );
  if (home === undefined) return undefined;
  const python = [join(home, '..', 'python.exe'), join(home, 'python.exe')].find(exists);
  return python === undefined ? undefined : { file: python, args: ['-IBm', 'azure.cli'] };
}

/** Runs `az` and gives what it prints; throws what it complains of. */
export function runAz(args: readonly string[], timeout: number): Promise<string> {
  const program = azProgram(process.platform, process.env);
  if (!program) return Promise.reject(new Error(AZ_IS_MISSING));
  return new Promise((done, fail) => {
    execFile(program.file, [...program.args, ...args], { timeout }, (error, stdout, stderr) => {
      if (!error) done(stdout);
      else if (error.code === 'ENOENT') fail(new Error(AZ_IS_MISSING));
      else fail(new Error(stderr));
    });
  });
}
