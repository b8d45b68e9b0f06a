/**
 * Texts from outside (names, guest output, Azure's messages) must not act on GitHub: neither as
 * workflow commands in the log nor as Markdown in the summary.
 */

/**
 * Text as log lines that the runner will not take for a command: `::…` after any white space, which
 * for .NET's TrimStart includes U+0085, or `##[…]` anywhere (actions/runner ActionCommand.cs).
 */
export function logLines(text: string): string[] {
  return visible(text)
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^([\s\u0085]*):(?=:)/, '$1: ').replaceAll('##[', '# #['));
}

/** Characters that turn the direction of what follows, so that a text reads as another one. */
const BIDIRECTIONAL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text with characters that change its direction shown as what they are. */
export const visible = (text: string): string =>
  text.replace(
    BIDIRECTIONAL,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );

/** The first so many characters of a text, and a note of how many more it has. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not between the halves of one character.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}… (${text.length - end} more characters)`;
}

/** What Markdown, or GitHub's additions to it, would act on; an underscore only beside no letter. */
const ACTIVE = /[\\`*[\]#|~<>&@$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/**
 * What GitHub makes a link of, or notifies somebody for, in the text that is shown, after entities
 * were decoded: URLs, e-mail addresses, `@name`, `#1`, `GH-1`, and the hash of a commit ("Autolinked
 * references and URLs"). A look-ahead finds the places at which to part it.
 */
const PARTS: readonly RegExp[] = [
  /(?<=:)(?=\/\/)/g,
  /(?<=\bwww)(?=\.)/gi,
  /(?<=[@#])(?=\S)/g,
  /(?<=\bgh)(?=-\d)/gi,
  /(?<=\b(?=[0-9a-f]{7,}\b)[0-9a-f]{4})(?=[0-9a-f])/gi,
];
/** Stands between two halves of a word; neither shown nor copied. */
const PARTING = '<span></span>';
/** Private to a text while it is made inert. */
const MARK = '\ue000';

const inert = (text: string, parts: readonly RegExp[]): string => {
  const parted = parts.reduce(
    (all, part) => all.replace(part, MARK),
    visible(text).replaceAll(MARK, ''),
  );
  return parted
    .replace(ACTIVE, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll(MARK, PARTING);
};

/** Text inside a Markdown paragraph or table cell, shown as it is; `…` between backticks as code. */
export const markdown = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .trim()
        .split(/`([^`]+)`/)
        .map((part, index) => (index % 2 === 1 ? code(part) : inert(part, PARTS)))
        .join(''),
    )
    .join('<br>');

/** Characters of one text from outside that are shown. */
const LONGEST_TEXT = 2_000;

const PAGES = 'https://github.com/owner/azure-golden-image/blob/main/docs/';

/**
 * The same of a text from outside, cut to what a person may want to read. A page of this repository is a
 * link, because the reader is in another one.
 */
export const shownText = (text: string): string =>
  markdown(cut(text, LONGEST_TEXT)).replace(
    /<code>docs\/([a-z-]+\.md)<\/code>|(?<![\w./-])docs\/([a-z-]+\.md)\b/g,
    (_, whole: string | undefined, page = whole) => link(code(`docs/${page}`), `${PAGES}${page}`),
  );

/** Text as inline code, in a table cell too. */
export const code = (text: string): string =>
  `<code>${inert(text, PARTS.slice(0, 2)).replace(/[\r\n]/g, (character) => `&#${character.codePointAt(0)};`)}</code>`;

/** Seconds as a person says them: `45 s`, `7 min 8 s`, `1 h 2 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * A link that stays one whatever its address holds.
 *
 * @param text as Markdown or HTML
 */
export const link = (text: string, url: string): string =>
  `<a href="${encodeURI(url).replaceAll("'", '%27')}">${text}</a>`;

/** Text as a block to copy; a fence in it cannot end it. */
export function block(text: string, language = 'text'): string {
  const ticks = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1;
  const fence = '`'.repeat(ticks);
  return `${fence}${language}\n${visible(text)}\n${fence}`;
}

/** A table in Markdown; cells are Markdown in one line, the head first. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Markdown that a reader has to open. */
export const folded = (title: string, text: string): string =>
  `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;

/**
 * Markdown of this project's own that is no longer than GitHub takes: all of it, or the lines from the
 * top that fit, and the note. What is open at the cut is closed: a fence would show the rest as text, a
 * fold would hide it. A table's head does not stay without the line that makes a table of it.
 */
export function fittedLines(
  text: string,
  most: number,
  note: string,
  sizeOf: (part: string) => number = (part) => part.length,
): string {
  if (sizeOf(text) <= most) return text;
  const lines = text.split('\n');
  let used = sizeOf(note);
  let fence: string | undefined;
  let folds = 0;
  let kept = { lines: 0, end: '' };
  for (const [index, line] of lines.entries()) {
    used += sizeOf(line) + 1;
    if (fence !== undefined) fence = line === fence ? undefined : fence;
    else {
      fence = /^`{3,}/.exec(line)?.[0];
      folds += line.split('<details>').length - line.split('</details>').length;
    }
    const end =
      (fence === undefined ? '' : `\n${fence}`) + '\n\n</details>'.repeat(Math.max(0, folds));
    if (used + end.length > most) break;
    if (!lines[index + 1]?.startsWith('| ---')) kept = { lines: index + 1, end };
  }
  return `${lines.slice(0, kept.lines).join('\n').trimEnd()}${kept.end}${note}`;
}
