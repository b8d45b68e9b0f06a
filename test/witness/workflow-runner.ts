/**
 * nektos/act as GitHub's runner: real workflows, in host mode, without a container engine and
 * without a network. A step of the workflow runs as a process of this machine.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { GITHUB_API } from '../../local-azure/src/github.ts';
import { GITHUB_TOKEN } from '../../local-azure/src/github-tokens.ts';
import type { LocalAzureProcess } from '../runner/local-azure-process.ts';
import { act, azureCli } from './tools.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAND_INS = fileURLToPath(new URL('stand-ins', import.meta.url));

/** How users name this action; README and examples say what it stands for. */
const PUBLISHED = 'owner/azure-golden-image@<commit>';
/** The pipeline as users call it, and the action as it calls that, from a checkout of its own. */
const PIPELINE = 'owner/azure-golden-image/.github/workflows/pipeline.yml@<commit>';
const ITSELF = './.golden-image';

export interface WorkflowOptions {
  /** Path of a workflow, from the root of the repository. */
  readonly workflow: string;
  readonly event?: string;
  /** What `github.event` holds. */
  readonly payload?: object;
  /** Of `workflow_dispatch` and `workflow_call`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Further files of the repository, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Runs this job, and what it needs, alone. */
  readonly job?: string;
  /** Repository variables on top of the local Azure's own four. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly runId?: string;
  /** Cancels the run as soon as a step prints such a line. */
  readonly cancelAt?: RegExp;
}

/** The end of one step's `main` or `post`. */
export interface StepEnd {
  readonly job: string;
  /** Its ID, or its number in the job, from 0. */
  readonly step: string;
  readonly stage: 'Pre' | 'Main' | 'Post';
  readonly result: string;
}

export interface WorkflowRun {
  readonly exitCode: number | null;
  /** Of every job that ran: `success` or `failure`. */
  readonly jobs: Readonly<Record<string, string>>;
  readonly steps: readonly StepEnd[];
  /** Outputs by `job.step`. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Job summaries, one for each step that wrote one. */
  readonly summaries: readonly string[];
  /** Annotations, as `error: text`. */
  readonly annotations: readonly string[];
  /** What the steps printed, a line each. */
  readonly log: string;
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
    const repository = layOut(folder, azure, options);
    const tool = act();
    print(`act ${tool.version}: ${options.event ?? 'push'} ${options.workflow}`);
    const child = spawn(tool.path, parameters(folder, azure, options, repository.uses), {
      cwd: repository.path,
      env: environment(folder, azure),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return await follow(child, options.cancelAt);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A repository with the workflow, and with the action itself, which `./` and the examples mean. */
function layOut(
  folder: string,
  azure: LocalAzureProcess,
  { workflow, payload, inputs, files = {} }: WorkflowOptions,
) {
  const path = join(folder, 'repository');
  mkdirSync(join(path, '.github/workflows'), { recursive: true });
  mkdirSync(join(folder, 'config/act'), { recursive: true });
  // Without a configuration file act asks which images to use.
  writeFileSync(join(folder, 'config/act/actrc'), '');
  writeFileSync(join(folder, 'event.json'), JSON.stringify({ ...(payload ?? {}), inputs }));
  for (const name of ['action.yml', 'dist'])
    cpSync(join(ROOT, name), join(path, name), { recursive: true });
  const put = (name: string, from: string) => {
    const { text, uses } = told(readFileSync(join(ROOT, from), 'utf8'), azure.endpoint);
    writeFileSync(join(path, '.github/workflows', name), text);
    return uses;
  };
  const uses = [
    ...put('workflow.yml', workflow),
    ...put('pipeline.yml', '.github/workflows/pipeline.yml'),
  ];
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  const git = (...rest: string[]) =>
    execFileSync('git', ['-c', 'user.name=w', '-c', 'user.email=w@localhost', ...rest], {
      cwd: path,
    });
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'As it is');
  return { path, uses: [...new Set(uses)] };
}

interface Step {
  uses?: string;
  with?: Record<string, unknown>;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { uses?: string; steps?: Step[] }>>;
}

/**
 * The workflow with the action told of this cloud, and every action that it uses. The pipeline is at
 * hand, and so is the action that it checks out: act does not know `job.workflow_sha`.
 */
function told(text: string, endpoint: string): { text: string; uses: string[] } {
  const workflow = parse(text) as Workflow;
  for (const job of Object.values(workflow.jobs)) {
    if (job.uses === PIPELINE) job.uses = './.github/workflows/pipeline.yml';
    if (job.steps === undefined) continue;
    job.steps = job.steps.filter((step) => step.with?.path !== ITSELF.slice(2));
    for (const step of job.steps) if (step.uses === ITSELF) step.uses = PUBLISHED;
  }
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);
  for (const step of steps.filter(({ uses }) => uses === PUBLISHED)) {
    step.with = { environment: endpoint, 'poll-interval': 0.2, ...step.with };
    print(`  told the action: environment ${endpoint}, poll-interval 0.2`);
  }
  return { text: stringify(workflow), uses: [...new Set(steps.flatMap(({ uses }) => uses ?? []))] };
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
function environment(folder: string, { env, endpoint }: LocalAzureProcess): NodeJS.ProcessEnv {
  const { AZURE_CLIENT_ID: _, AZURE_TENANT_ID: __, GITHUB_TOKEN: ___, ...rest } = env;
  return {
    ...rest,
    LOCAL_AZURE: endpoint,
    PATH: [dirname(process.execPath), dirname(azureCli().path), process.env.PATH].join(':'),
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
  };
}

/** A line of act's JSON log, as far as it is read here. */
interface LogLine {
  readonly jobID?: string;
  readonly stepID?: readonly string[];
  readonly stage?: StepEnd['stage'];
  readonly stepResult?: string;
  readonly jobResult?: string;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly raw_output?: boolean;
  readonly level?: string;
  readonly msg?: string;
}

async function follow(child: ChildProcess, cancelAt: RegExp | undefined): Promise<WorkflowRun> {
  const heard = new Listener();
  const take = (text: string) => {
    const line = heard.take(text);
    if (line === undefined || !cancelAt?.test(line) || child.killed) return;
    print(`  cancelled at: ${line}`);
    child.kill('SIGINT');
  };
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', take);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  print(`  act ended with code ${exitCode}`);
  return { exitCode, ...heard.found() };
}

/** Gathers what act's log says. */
class Listener {
  readonly #jobs: Record<string, string> = {};
  readonly #steps: StepEnd[] = [];
  readonly #outputs: Record<string, Record<string, string>> = {};
  readonly #summaries: string[] = [];
  readonly #annotations: string[] = [];
  readonly #log: string[] = [];

  /** Takes a line of act's; returns what a step printed in it. */
  take(text: string): string | undefined {
    const line = parsed(text);
    const { jobID: job = '', stepID, stage, stepResult, jobResult, command, arg = '' } = line;
    const step = stepID?.[0] ?? '';
    if (jobResult !== undefined) {
      this.#jobs[job] = jobResult;
      print(`  ${job}: ${jobResult}`);
    } else if (stepResult !== undefined && stage !== undefined) {
      this.#steps.push({ job, step, stage, result: stepResult });
      print(`  ${job}: ${line.msg?.trim().split('\n')[0]}`);
    } else if (command === 'set-output') {
      const known = this.#outputs[`${job}.${step}`];
      this.#outputs[`${job}.${step}`] = { ...known, [line.name ?? '']: arg };
    } else if (command === 'summary') this.#summaries.push(line.content ?? '');
    else if (command === 'error' || command === 'warning' || command === 'notice')
      this.#annotations.push(`${command}: ${arg}`);
    else if (line.raw_output === true || line.level === 'error') {
      this.#log.push(line.msg?.trimEnd() ?? '');
      return line.msg?.trimEnd();
    }
    return undefined;
  }

  found(): Omit<WorkflowRun, 'exitCode'> {
    return {
      jobs: this.#jobs,
      steps: this.#steps,
      outputs: this.#outputs,
      summaries: this.#summaries,
      annotations: this.#annotations,
      log: this.#log.join('\n'),
    };
  }
}

/** Not every line is JSON: act's own last words are not. */
function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: 'error', msg: text };
  }
}

const print = (text: string) => process.stdout.write(`${text}\n`);
