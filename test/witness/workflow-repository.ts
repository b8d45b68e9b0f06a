/** The repository in which nektos/act runs a workflow: the workflow, the pipeline, and the action. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { print } from './workflow-log.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How users name this action; README and examples say what it stands for. */
export const PUBLISHED = 'owner/azure-golden-image@<commit>';
/** The pipeline as users call it, and the action as it calls that, from a checkout of its own. */
const PIPELINE = 'owner/azure-golden-image/.github/workflows/pipeline.yml@<commit>';
const ITSELF = './.golden-image';

/** What the repository holds beside the action. */
export interface RepositoryContent {
  /** Path of a workflow, from the root of this repository. */
  readonly workflow: string;
  /** Further files, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** The only job of the workflow that is to run. */
  readonly job?: string;
}

/**
 * Makes a repository at `path` with the workflow, and with the action itself, which `./` and the
 * examples mean. Returns each action that the workflows use, as they name it.
 */
export function layOutRepository(
  path: string,
  endpoint: string,
  { workflow, files = {}, job }: RepositoryContent,
): readonly string[] {
  mkdirSync(join(path, '.github/workflows'), { recursive: true });
  for (const name of ['action.yml', 'post.js', 'dist'])
    cpSync(join(ROOT, name), join(path, name), { recursive: true });
  const put = (name: string, from: string) => {
    const { text, uses } = told(readFileSync(join(ROOT, from), 'utf8'), endpoint, job);
    writeFileSync(join(path, '.github/workflows', name), text);
    return uses;
  };
  const uses = [
    ...put('workflow.yml', workflow),
    ...put('pipeline.yml', '.github/workflows/pipeline.yml'),
  ];
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text, { mode: 0o755 });
  }
  const git = (...rest: string[]) =>
    execFileSync('git', ['-c', 'user.name=w', '-c', 'user.email=w@localhost', ...rest], {
      cwd: path,
    });
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'As it is');
  return [...new Set(uses)];
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
function told(text: string, endpoint: string, job?: string): { text: string; uses: string[] } {
  const workflow = parse(text) as Workflow;
  for (const job of Object.values(workflow.jobs)) {
    if (job.uses === PIPELINE) job.uses = './.github/workflows/pipeline.yml';
    if (job.steps === undefined) continue;
    job.steps = job.steps.filter((step) => step.with?.path !== ITSELF.slice(2));
    for (const step of job.steps) if (step.uses === ITSELF) step.uses = PUBLISHED;
  }
  const steps = Object.entries(workflow.jobs).flatMap(([name, { steps = [] }]) =>
    job === undefined || name === job ? steps : [],
  );
  for (const step of steps.filter(({ uses }) => uses === PUBLISHED || uses === './')) {
    step.with = { environment: endpoint, 'poll-interval': 0.2, ...step.with };
    print(`  told the action: environment ${endpoint}, poll-interval 0.2`);
  }
  return { text: stringify(workflow), uses: [...new Set(steps.flatMap(({ uses }) => uses ?? []))] };
}
