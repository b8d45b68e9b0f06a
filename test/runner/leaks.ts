import type { ActionRun } from './run-action.ts';

/** Shorter ones would be found by chance. */
const SHORTEST = 8;

/**
 * Secrets that stand where a person or a later step can read them, as `where: first characters`.
 *
 * @param files of the run's making, by name
 */
export function leaksIn(
  run: ActionRun,
  secrets: readonly string[],
  files: Readonly<Record<string, string>> = {},
): string[] {
  const places: Readonly<Record<string, string>> = {
    log: shown(run.log),
    'log of post': shown(run.post.log),
    outputs: JSON.stringify(run.outputs),
    state: JSON.stringify(run.state),
    summary: run.summary,
    ...files,
  };
  return secrets
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((secret) =>
      Object.entries(places)
        .filter(([, text]) => text.includes(secret) || text.includes(encodeURIComponent(secret)))
        .map(([where]) => `${where}: ${secret.slice(0, 12)}…`),
    );
}

/** A log as the runner shows it: from each `add-mask` on, what that names is hidden. */
function shown(log: string): string {
  const masked: string[] = [];
  const lines: string[] = [];
  for (const line of log.split('\n')) {
    const [, secret] = /^::add-mask::(.*)$/.exec(line) ?? [];
    if (secret === undefined) lines.push(masked.reduce(hide, line));
    else masked.push(unescaped(secret));
  }
  return lines.join('\n');
}

const hide = (line: string, secret: string): string => line.replaceAll(secret, '***');

/** How a workflow command's value is written (@actions/core `escapeData`). */
const unescaped = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
