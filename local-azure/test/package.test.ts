/** The package as others get it: packed, installed in an empty folder, started by its name. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AzureProcess } from './azure-process.ts';
import { HOME } from './modules.ts';

const run = promisify(execFile);
/** Where the repository's own packages are. */
const INSTALLED = join(HOME, '../node_modules');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-azure-package-'));
  const packed = await npm(HOME, 'pack', '--json', '--pack-destination', folder);
  const { filename } = listed(JSON.parse(packed)) as { filename: string };
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
  // npm takes what is there already, so that it installs without a network.
  for (const name of dependencies(HOME))
    cpSync(join(INSTALLED, name), join(folder, 'node_modules', name), { recursive: true });
  await npm(folder, 'install', '--offline', '--no-audit', '--no-fund', join(folder, filename));
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function npm(cwd: string, ...parameters: string[]): Promise<string> {
  const { stdout } = await run('npm', parameters, { cwd, shell: process.platform === 'win32' });
  return stdout;
}

/** npm 12 prints packages by name, earlier ones print a list. */
const listed = (packages: object): unknown => Object.values(packages)[0];

/** The packages that one needs, and those that they need. */
function dependencies(home: string, found = new Set<string>()): Set<string> {
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies ?? {}).filter((each) => !found.has(each))) {
    found.add(name);
    dependencies(join(INSTALLED, name), found);
  }
  return found;
}

const installed = (...path: string[]): string =>
  join(folder, 'node_modules', 'local-azure', ...path);

it('holds JavaScript, declarations and the scripts of guests, and no source', () => {
  for (const name of ['main.js', 'index.js', 'index.d.ts', 'guest/enter.sh', 'guest/stand-ins'])
    expect(existsSync(installed('build', name)), name).toBe(true);
  for (const name of ['src', 'test', 'build/conformance'])
    expect(existsSync(installed(name)), name).toBe(false);
});

it('starts by its name and serves whoever signs in', async () => {
  const command = join(folder, 'node_modules', '.bin', 'local-azure');
  const azure = await AzureProcess.startFrom(command, '--speed', '60');
  try {
    const { endpoint, subscriptionId } = azure.started;
    const group = `${endpoint}/subscriptions/${subscriptionId}/resourceGroups/images`;
    const url = `${group}/providers/Microsoft.Compute/virtualMachines/build-linux?api-version=2025-04-01`;
    const headers = { authorization: `Bearer ${await azure.signIn()}` };
    expect((await azure.call('GET', url, { headers })).status).toBe(200);
  } finally {
    await azure.stop();
  }
});

it('can be imported, with its types', async () => {
  const program = `
    import { createLocalAzure, type LocalAzure, virtualMachine } from 'local-azure';
    const azure: LocalAzure = createLocalAzure({ speed: 60, unknowns: { patchOfTags: 'merge' } });
    const url = \`\${azure.endpoint}/subscriptions?api-version=2022-12-01\`;
    const answer: Response = await azure.fetch(new Request(url));
    console.log(answer.status, typeof virtualMachine);
    // @ts-expect-error: there is no such option.
    createLocalAzure({ colour: 'blue' });
  `;
  writeFileSync(join(folder, 'program.ts'), program);
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--lib', 'esnext'];
  const types = ['--typeRoots', join(INSTALLED, '@types'), '--types', 'node'];
  await run(join(INSTALLED, '.bin', 'tsc'), [...options, ...types, join(folder, 'program.ts')], {
    cwd: folder,
  });
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
  expect(stdout).toBe('200 function\n');
});
