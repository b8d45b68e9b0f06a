/** Starts the shipped bundle as GitHub's runner does: inputs and files in the environment, then post. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'] as const;

export interface ActionOptions {
  readonly inputs: Readonly<Record<string, string>>;
  /** On top of what the runner sets: sign-in URLs, proxies, certificates. */
  readonly env?: Readonly<Record<string, string>>;
  readonly runId?: string;
  /** The event that started the workflow; a push when left out. */
  readonly event?: { readonly name: string; readonly payload: unknown };
  /** Leaves out `post`, for tests that are about `main` alone. */
  readonly mainOnly?: boolean;
  /** Leaves out `post` where `main` has ended and left it nothing to do. */
  readonly skipIdlePost?: boolean;
  /** Called with each line of the log, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds after which it is ended by force. */
  readonly limitMs?: number;
  /** Sends a signal to the action when a line appears, or when something resolves. */
  readonly signalAt?: ({ readonly line: RegExp } | { readonly seen: () => Promise<unknown> }) & {
    readonly signal: NodeJS.Signals;
  };
}

export interface ActionRun {
  readonly exitCode: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What `main` saved for `post`. */
  readonly state: Readonly<Record<string, string>>;
  /** Log and exit code of `post`. */
  readonly post: { readonly exitCode: number | null; readonly log: string };
  /** Whether it had to be ended after `limitMs`. */
  readonly cutOff?: true;
  /** Milliseconds from the signal to the end, when one was sent. */
  readonly millisecondsAfterSignal?: number;
}

interface Manifest {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly main: string; readonly post: string };
}

let read: Manifest | undefined;

/** The action's manifest. */
export function manifest(): Manifest {
  read ??= parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Manifest;
  return read;
}

/** Runs `main`, then `post`, and gathers what they left. */
export async function runAction(options: ActionOptions): Promise<ActionRun> {
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  try {
    const { runs } = manifest();
    const main = await start(runs.main, options, folder, {});
    const state = readCommandFile(join(folder, 'STATE'));
    const saved = Object.fromEntries(
      Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]),
    );
    const outputs = readCommandFile(join(folder, 'OUTPUT'));
    const summary = readFileSync(join(folder, 'STEP_SUMMARY'), 'utf8');
    const { signalAt: _, ...quiet } = options;
    if (options.mainOnly || (options.skipIdlePost && isIdle(state)))
      return { ...main, outputs, summary, state, post: { exitCode: 0, log: '' } };
    const post = await start(runs.post, quiet, folder, saved);
    return { ...main, outputs, summary, state, post };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether `main` told how it ended, and left nothing behind that `post` would delete. */
const isIdle = ({ finished, leftovers }: Readonly<Record<string, string>>): boolean =>
  finished === 'well' || (finished !== undefined && !leftovers);

async function start(
  bundle: string,
  { inputs, env, runId, event, onLine, limitMs, signalAt }: ActionOptions,
  folder: string,
  saved: Readonly<Record<string, string>>,
) {
  for (const name of FILES) writeFileSync(join(folder, name), '');
  const child = spawn(process.execPath, [join(ROOT, bundle)], {
    env: {
      ...runnerEnv(folder, runId),
      ...eventEnv(folder, event),
      ...inputEnv(inputs, env?.GITHUB_TOKEN),
      ...saved,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let signalledAt: number | undefined;
  const signal = () => {
    if (signalledAt !== undefined) return;
    signalledAt = Date.now();
    child.kill(signalAt?.signal);
  };
  const take = (line: string) => {
    lines.push(line);
    onLine?.(line);
    if (signalAt && 'line' in signalAt && signalAt.line.test(line)) signal();
  };
  if (signalAt && 'seen' in signalAt) void signalAt.seen().then(signal);
  const readers = [child.stdout, child.stderr].map((input) => createInterface({ input }));
  const drained = readers.map((reader) => new Promise((done) => reader.on('close', done)));
  for (const reader of readers) reader.on('line', take);
  let cutOff: true | undefined;
  const limit =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          cutOff = true;
          child.kill('SIGKILL');
        }, limitMs);
  const exitCode = await new Promise<number | null>((done) => child.on('close', done));
  clearTimeout(limit);
  await Promise.all(drained);
  return {
    exitCode,
    log: lines.join('\n'),
    ...(cutOff ? { cutOff } : {}),
    ...(signalledAt !== undefined && { millisecondsAfterSignal: Date.now() - signalledAt }),
  };
}

function runnerEnv(folder: string, runId = '4711'): Record<string, string> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE, SystemRoot } = process.env;
  return {
    PATH,
    HOME,
    // Without it no program on Windows has a network.
    ...(SystemRoot && { SystemRoot }),
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    ...Object.fromEntries(FILES.map((name) => [`GITHUB_${name}`, join(folder, name)])),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'contoso/images',
    GITHUB_RUN_ID: runId,
    GITHUB_RUN_NUMBER: '7',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW: 'image',
    GITHUB_WORKFLOW_REF: 'contoso/images/.github/workflows/image.yml@refs/heads/main',
    GITHUB_JOB: 'capture',
    GITHUB_ACTOR: 'octocat',
    RUNNER_TEMP: folder,
  };
}

function eventEnv(
  folder: string,
  { name, payload }: NonNullable<ActionOptions['event']> = { name: 'push', payload: {} },
): Record<string, string> {
  const path = join(folder, 'event.json');
  writeFileSync(path, JSON.stringify(payload));
  return { GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path };
}

const TOKEN_DEFAULT = ['$', '{{ github.token }}'].join('');

function inputEnv(inputs: Readonly<Record<string, string>>, token = ''): Record<string, string> {
  const declared = Object.entries(manifest().inputs).map(
    ([name, { default: value = '' }]) => [name, value === TOKEN_DEFAULT ? token : value] as const,
  );
  const all = { ...Object.fromEntries(declared), ...inputs };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );
}

/** `name<<delimiter`, the value's lines, the delimiter; a later value replaces an earlier one. */
function readCommandFile(path: string): Record<string, string> {
  const text = readFileSync(path, 'utf8');
  const entries = text.matchAll(/^([^\n=]+?)<<(\S+)\r?\n([\s\S]*?)\r?\n?\2\r?$/gm);
  return Object.fromEntries([...entries].map(([, name = '', , value = '']) => [name, value]));
}
