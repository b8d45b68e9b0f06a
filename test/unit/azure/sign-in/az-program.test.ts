import { describe, expect, it } from 'vitest';
import { azProgram, runAz } from '../../../../src/azure/sign-in/az-session.ts';

describe('what is started for az', () => {
  const MSI = 'C:\\Program Files\\Microsoft SDKs\\Azure\\CLI2';
  const on = (...files: string[]) => {
    const env = { Path: `C:\\Windows;${MSI}\\wbin;C:\\venv\\Scripts` };
    return azProgram('win32', env, (file) => files.includes(file));
  };

  it('is az itself where that is a program', () => {
    expect(azProgram('linux', { PATH: '/usr/bin' })).toEqual({ file: 'az', args: [] });
  });

  it('is on Windows the Python beside the batch file, without a shell', () => {
    const args = ['-IBm', 'azure.cli'];
    expect(on(`${MSI}\\wbin\\az.cmd`, `${MSI}\\python.exe`)).toEqual({
      file: `${MSI}\\python.exe`,
      args,
    });
    const venv = 'C:\\venv\\Scripts';
    expect(on(`${venv}\\az.bat`, `${venv}\\python.exe`)).toEqual({
      file: `${venv}\\python.exe`,
      args,
    });
  });

  it('is nothing on Windows where there is no az, or no Python beside it', () => {
    expect(on()).toBeUndefined();
    expect(on(`${MSI}\\wbin\\az.cmd`)).toBeUndefined();
    expect(azProgram('win32', {}, () => true)).toBeUndefined();
  });
});

/** Hosted runners have the Azure CLI; a developer's machine can lack it. */
const hasAz = process.platform === 'win32' && azProgram('win32', process.env) !== undefined;

it.runIf(hasAz)('starts the real az.cmd', async () => {
  expect(await runAz(['version', '--output', 'json'], 120_000)).toContain('"azure-cli"');
});
