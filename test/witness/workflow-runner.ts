/**
 * nektos/act as GitHub's runner: real workflows, in host mode, without a container engine and
 * without a network. A step of the workflow runs as a process of this machine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GITHUB_API } from '../../local-azure/src/github.ts';
import { GITHUB_TOKEN } from '../../local-azure/src/github-tokens.ts';
import type { LocalAzureProcess } from '../runner/local-azure-process.ts';
import { act, azureCli } from './tools.ts';
import { follow, print, type WorkflowRun } from './workflow-log.ts';
import { layOutRepository, PUBLISHED, type RepositoryContent } from './workflow-repository.ts';

const STAND_INS = fileURLToPath(new URL('stand-ins', import.meta.url));

export interface WorkflowOptions extends RepositoryContent {
  readonly event?: string;
  /** What `github.event` holds. */
  readonly payload?: object;
  /** Of `workflow_dispatch` and `workflow_call`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** A folder of programs that come before all others. */
  readonly path?: string;
  /** Runs this job, and what it needs, alone. */
  readonly job?: string;
  /** Repository variables on top of the local Azure's own four. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly runId?: string;
  /** Cancels the run as soon as a step prints such a line. */
  readonly cancelAt?: RegExp;
}

/**
 * Runs a workflow of this repository. Installs act and az when they are not there.
 *
 * The workflow runs as it is committed, but that the action's steps are told of this cloud
 * (`environment`) and of its speed (`poll-interval`) where they are not.
 */
export async function runWorkflow(
  azure: LocalAzureProcess,
  options: WorkflowOptions,
): Promise<WorkflowRun> {
  const folder = mkdtempSync(join(tmpdir(), 'act-'));
  try {
    const repository = join(folder, 'repository');
    const uses = layOutRepository(repository, azure.endpoint, options);
    configure(folder, options);
    const tool = act();
    print(`act ${tool.version}: ${options.event ?? 'push'} ${options.workflow}`);
    const child = spawn(tool.path, parameters(folder, azure, options, uses), {
      cwd: repository,
      env: environment(folder, azure, options.path),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return await follow(child, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configure(folder: string, { payload, inputs }: WorkflowOptions): void {
  mkdirSync(join(folder, 'config/act'), { recursive: true });
  // Without a configuration file act asks which images to use.
  writeFileSync(join(folder, 'config/act/actrc'), '');
  writeFileSync(join(folder, 'event.json'), JSON.stringify({ ...(payload ?? {}), inputs }));
}

function parameters(
  folder: string,
  azure: LocalAzureProcess,
  { event = 'push', vars, runId = '4711', job }: WorkflowOptions,
  uses: readonly string[],
): string[] {
  const env = {
    GITHUB_REPOSITORY: 'contoso/images',
    GITHUB_REPOSITORY_OWNER: 'contoso',
    GITHUB_RUN_ID: runId,
    GITHUB_RUN_NUMBER: '7',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_API_URL: `${azure.endpoint}${GITHUB_API}`,
  };
  const known = {
    AZURE_TENANT_ID: azure.tenantId,
    AZURE_CLIENT_ID: azure.clientId,
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
    AZURE_ENVIRONMENT: azure.endpoint,
    ...vars,
  };
  const pairs = (option: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
  return [
    event,
    ...['--workflows', '.github/workflows/workflow.yml', '--json', '--no-cache-server'],
    ...['ubuntu-24.04', 'self-hosted'].flatMap((name) => ['--platform', `${name}=-self-hosted`]),
    ...['--eventpath', join(folder, 'event.json')],
    ...(job === undefined ? [] : ['--job', job]),
    ...['--action-cache-path', join(folder, 'cache')],
    ...pairs('--env', env),
    ...pairs('--var', known),
    ...['--secret', `GITHUB_TOKEN=${GITHUB_TOKEN}`],
    ...uses.flatMap((each) => localRepository(each, folder)),
  ];
}

/** Where act finds an action instead of fetching it; throws for one that has no stand-in. */
function localRepository(uses: string, folder: string): string[] {
  // act has a checkout of its own.
  if (uses.startsWith('./') || uses.startsWith('actions/checkout@')) return [];
  if (uses === PUBLISHED) return ['--local-repository', `${uses}=${join(folder, 'repository')}`];
  const standIn = join(STAND_INS, uses.replace(/@.*/, '').replace('/', '-'));
  if (existsSync(standIn)) return ['--local-repository', `${uses}=${standIn}`];
  throw new Error(`${uses} cannot be fetched without a network, and has no stand-in ${standIn}`);
}

/** What a hosted runner has: this Node, az, and the ID-token endpoint; nothing of this machine's. */
function environment(folder: string, { env, endpoint }: LocalAzureProcess, path?: string) {
  const { AZURE_CLIENT_ID: _, AZURE_TENANT_ID: __, GITHUB_TOKEN: ___, ...rest } = env;
  return {
    ...rest,
    LOCAL_AZURE: endpoint,
    PATH: [path, dirname(process.execPath), dirname(azureCli().path), process.env.PATH]
      .filter(Boolean)
      .join(':'),
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
  };
}
