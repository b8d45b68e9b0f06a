/**
 * Texts from outside (names, guest output, Azure's messages) must not act on GitHub: neither as
 * workflow commands in the log nor as Markdown in the summary.
 */

/** Text as log lines that the runner will not take for a command (`::…` or `##[…]`). */
export function logLines(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '# #['));
}

/** Text inside a Markdown paragraph or table cell, shown as it is. */
export function markdown(text: string): string {
  return text
    .replace(/[\\`*[\]#|~<>&@]|\b_|_\b/g, (character) => `&#${character.codePointAt(0)};`)
    .replace(/\s*[\r\n]+\s*/g, '<br>');
}

/** Text as inline code, in a table cell too. */
export const code = (text: string): string =>
  `<code>${text.replace(/[<>&|`@\r\n]/g, (character) => `&#${character.codePointAt(0)};`)}</code>`;

/** Seconds as a person says them: `45 s`, `7 min 8 s`, `1 h 2 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
