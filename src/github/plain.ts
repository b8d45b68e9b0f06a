/**
 * Texts from outside (names, guest output, Azure's messages) must not act on GitHub: neither as
 * workflow commands in the log nor as Markdown in the summary.
 */

/**
 * Text as log lines that the runner will not take for a command: `::…` after any white space, which
 * for .NET's TrimStart includes U+0085, or `##[…]` anywhere (actions/runner ActionCommand.cs).
 */
export function logLines(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^([\s\u0085]*):(?=:)/, '$1: ').replaceAll('##[', '# #['));
}

/** What Markdown, or GitHub's additions to it, would act on; an underscore only beside no letter. */
const ACTIVE = /[\\`*[\]#|~<>&@$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

const inert = (text: string): string =>
  text.replace(ACTIVE, (character) => `&#${character.codePointAt(0)};`);

/**
 * GitHub looks for people and issues to notify in the text that is shown, after entities were
 * decoded, but not inside code: a character without width parts the sign from the name.
 */
const unlinked = (text: string): string => text.replace(/&#(?:64|35);/g, '$&&#8203;');

/** Text inside a Markdown paragraph or table cell, shown as it is; `…` between backticks as code. */
export const markdown = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .trim()
        .split(/`([^`]+)`/)
        .map((part, index) => (index % 2 === 1 ? code(part) : unlinked(inert(part))))
        .join(''),
    )
    .join('<br>');

/** Text as inline code, in a table cell too. */
export const code = (text: string): string =>
  `<code>${inert(text).replace(/[\r\n]/g, (character) => `&#${character.codePointAt(0)};`)}</code>`;

/** Seconds as a person says them: `45 s`, `7 min 8 s`, `1 h 2 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
