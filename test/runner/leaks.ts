import type { ActionRun } from './run-action.ts';

/** Shorter ones would be found by chance. */
const SHORTEST = 8;

/**
 * Secrets that stand where a person or a later step can read them, as `where: first characters`.
 * Lines that tell the runner what to mask are no place: it takes them out of the log.
 *
 * @param files of the run's making, by name
 */
export function leaksIn(
  run: ActionRun,
  secrets: readonly string[],
  files: Readonly<Record<string, string>> = {},
): string[] {
  const shown = (log: string) =>
    log
      .split('\n')
      .filter((line) => !line.startsWith('::add-mask::'))
      .join('\n');
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
