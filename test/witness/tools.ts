/**
 * Other people's programs, installed where git does not look: the newest of each when nothing is
 * there, what is there otherwise. Delete `.local/azure-cli` or `.local/bin/act` to get a newer one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOCAL = fileURLToPath(new URL('../../.local', import.meta.url));

/** A program that was found or installed. */
export interface Tool {
  readonly path: string;
  readonly version: string;
  /** Whether this call installed it. */
  readonly isNew: boolean;
}

/** The Azure CLI, from PyPI into a virtual environment. Throws with pip's own words. */
export function azureCli(): Tool {
  const venv = join(LOCAL, 'azure-cli');
  return tool(join(venv, 'bin/az'), azVersion, () => installIn(venv, 'azure-cli'));
}

/** nektos/act, a runner of workflows, through Go's module proxy. Throws with Go's own words. */
export function act(): Tool {
  const path = join(LOCAL, 'bin/act');
  return tool(path, actVersion, () =>
    execFileSync('go', ['install', 'github.com/nektos/act@latest'], {
      env: { ...process.env, GOBIN: dirname(path) },
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
}

/** rhysd/actionlint, through Go's module proxy. Throws with Go's own words. */
export function actionlint(): Tool {
  const path = join(LOCAL, 'bin/actionlint');
  const version = (each: string): string =>
    execFileSync(each, ['-version'], { encoding: 'utf8' }).split('\n', 1)[0] ?? '';
  return tool(path, version, () =>
    execFileSync('go', ['install', 'github.com/rhysd/actionlint/cmd/actionlint@latest'], {
      env: { ...process.env, GOBIN: dirname(path) },
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
}

/** zizmor, from PyPI into a virtual environment. Throws with pip's own words. */
export function zizmor(): Tool {
  const venv = join(LOCAL, 'zizmor');
  const version = (path: string): string =>
    execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
  return tool(join(venv, 'bin/zizmor'), version, () => installIn(venv, 'zizmor'));
}

/** Python with azure-identity and azure-mgmt-compute, from PyPI. Throws with pip's own words. */
export function pythonLibraries(): Tool {
  const packages = ['azure-identity', 'azure-mgmt-compute'];
  const venv = join(LOCAL, 'azure-sdk-python');
  const version = (path: string): string =>
    [execFileSync(path, ['--version'], { encoding: 'utf8' }), ...packages.map(versionIn(path))]
      .join(', ')
      .replaceAll('\n', '');
  return tool(join(venv, 'bin/python'), version, () => installIn(venv, ...packages));
}

/** Of a package that a Python has; throws when it lacks it. */
const versionIn = (python: string) => (name: string) =>
  `${name} ${execFileSync(
    python,
    ['-c', 'import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))', name],
    { encoding: 'utf8' },
  )}`;

/**
 * Ansible with azure.azcollection, from PyPI, and what the collection says that it needs. Its own
 * version is in its manifest. Throws with pip's own words.
 */
export function ansible(): Tool {
  const venv = join(LOCAL, 'ansible');
  const collection = () => {
    const [folder] = globSync(
      join(venv, 'lib/python*/site-packages/ansible_collections/azure/azcollection'),
    );
    if (folder === undefined) throw new Error('pip installed Ansible without azure.azcollection');
    return folder;
  };
  const version = (): string => {
    const python = join(venv, 'bin/python');
    const { collection_info } = JSON.parse(
      readFileSync(join(collection(), 'MANIFEST.json'), 'utf8'),
    );
    return [
      versionIn(python)('ansible-core').trim(),
      `azure.azcollection ${collection_info.version}`,
      versionIn(python)('azure-mgmt-compute').trim(),
    ].join(', ');
  };
  return tool(join(venv, 'bin/ansible-playbook'), version, () => {
    installIn(venv, 'ansible');
    pip(venv, '-r', join(collection(), 'requirements.txt'));
  });
}

/** The Go program of this folder's `client`, built with the modules that its go.mod names. */
export function goClient(folder: string): Tool {
  const path = join(LOCAL, `bin/${basename(folder)}-client`);
  const source = join(folder, 'client');
  execFileSync('go', ['build', '-o', path, '.'], {
    cwd: source,
    env: { ...process.env, GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return { path, version: goVersion(path), isNew: true };
}

const goVersion = (path: string): string =>
  [
    ...execFileSync('go', ['version', '-m', path], { encoding: 'utf8' }).matchAll(
      /^\tdep\t\S+\/(azidentity|armcompute\/v\d+|go-azure-sdk\/[\w-]+)\t(\S+)/gm,
    ),
  ]
    .map(([, name, version]) => `${name} ${version}`)
    .join(', ');

/** The class path of what a pom.xml names, from Maven Central. Throws with Maven's own words. */
export function javaLibraries(folder: string): Tool {
  const file = join(LOCAL, 'java-classpath');
  run('mvn', '-q', '-f', folder, 'dependency:build-classpath', `-Dmdep.outputFile=${file}`);
  const path = readFileSync(file, 'utf8');
  const libraries = path.matchAll(
    /\/(azure-identity|azure-resourcemanager-compute)-([\d.]+)\.jar/g,
  );
  const version = [...libraries].map(([, name, number]) => `${name} ${number}`).join(', ');
  return { path, version, isNew: true };
}

function tool(path: string, version: (path: string) => string, install: () => void): Tool {
  // What does not start was not installed to its end, or belongs to a Python that is gone.
  if (existsSync(path)) {
    try {
      return { path, version: version(path), isNew: false };
    } catch {
      rmSync(path);
    }
  }
  install();
  return { path, version: version(path), isNew: true };
}

const azVersion = (path: string): string =>
  JSON.parse(execFileSync(path, ['version'], { encoding: 'utf8' }))['azure-cli'];

/** `act version 0.2.89`, or `(devel)` when Go was told to leave the number out. */
const actVersion = (path: string): string =>
  execFileSync('go', ['version', '-m', path], { encoding: 'utf8' }).match(
    /^\tmod\t\S+\t(\S+)/m,
  )?.[1] ?? execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();

/** A new virtual environment of Python with these packages. */
function installIn(venv: string, ...packages: string[]): void {
  rmSync(venv, { recursive: true, force: true });
  run('python3', '-m', 'venv', venv);
  pip(venv, ...packages);
}

const pip = (venv: string, ...packages: string[]): void =>
  run(join(venv, 'bin/pip'), 'install', '--disable-pip-version-check', '--quiet', ...packages);

function run(program: string, ...parameters: string[]): void {
  execFileSync(program, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
}
