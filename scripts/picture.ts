/**
 * `node scripts/picture.ts` draws docs/summary.svg: the job summary of a capture with verification, as the
 * action renders it, run against the local Azure on a fake clock.
 */
import { writeFileSync } from 'node:fs';
import { summaryOf } from '../src/github/summary.ts';
import { capture, fakeClock, localAzure, verifySettings } from '../test/scenarios/harness.ts';

const WIDTH = 860;
const LINE = 24;
const LONGEST = 116;

async function summary(): Promise<string> {
  using _clock = fakeClock();
  const azure = localAzure();
  const run = await capture(azure, {
    request: {
      snapshot: true,
      regions: ['westeurope', 'northeurope', 'eastus2'].map((name) => ({ name, replicas: 3 })),
      verify: verifySettings(azure, { script: 'exit 0' }),
    },
  });
  if (run.failure) throw run.failure;
  return summaryOf(run.record);
}

/** What the page shows of a text: without tags, and closed where it can be opened. */
const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, '')
    .replace(/[`*]/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function* wrapped(text: string): Generator<string> {
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length > LONGEST) {
      yield line;
      line = '';
    }
    line += `${line && ' '}${word}`;
  }
  yield line;
}

let y = 16;
const drawn: string[] = [];
function draw(text: string, style = '', x = 24) {
  drawn.push(`<text x="${x}" y="${y}"${style && ` class="${style}"`}>${escaped(text)}</text>`);
}
const rule = (x = 24, to = WIDTH - 24) =>
  drawn.push(`<line x1="${x}" y1="${y}" x2="${to}" y2="${y}"/>`);

function row(cells: readonly string[], style: string) {
  y += LINE + 4;
  for (const [index, cell] of cells.entries()) draw(plain(cell), style, 36 + index * 190);
  y += 10;
  rule();
}

/** Draws the Markdown that a summary is made of, a block at a time. */
function drawAll(markdown: string) {
  const closed = markdown.replace(
    /<details>\s*<summary>(.*?)<\/summary>[\s\S]*?<\/details>/g,
    '▸ $1',
  );
  for (const block of closed.split(/\n{2,}/)) {
    const lines = block.trim().split('\n');
    const [first = ''] = lines;
    y += 6;
    if (first.startsWith('#')) {
      y += LINE + 6;
      draw(plain(first.replace(/^#+ /, '')), first.startsWith('####') ? 'small' : 'title');
    } else if (first.startsWith('|')) {
      const cells = lines.map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
      row(cells[0] ?? [], 'small');
      for (const each of cells.slice(2)) row(each, '');
    } else if (first.startsWith('```')) {
      y += LINE + 4;
      drawn.push(`<rect x="24" y="${y - 20}" width="${WIDTH - 48}" height="32" class="code"/>`);
      draw((lines[1] ?? '').replace(/^(.{118}).+/, '$1…'), 'mono', 36);
      y += 10;
    } else {
      for (const line of lines)
        for (const part of wrapped(plain(line.replace(/^- /, '• ')))) {
          y += LINE;
          draw(part);
        }
    }
  }
}

drawAll(await summary());
/** The picture as docs/summary.svg has it. */
export const picture = `<!-- Made by scripts/picture.ts. -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 28}" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif" font-size="14">
<title>The job summary of a capture that verified its version</title>
<style>
text { fill: #1f2328 }
line { stroke: #d1d9e0 }
.title { font-size: 20px; font-weight: 600 }
.small { font-weight: 600 }
.mono { font: 11px ui-monospace, Menlo, Consolas, monospace }
.code { fill: #f6f8fa; stroke: none }
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${y + 27}" rx="6" fill="#fff" stroke="#d1d9e0"/>
${drawn.join('\n')}
</svg>
`;
if (import.meta.main) writeFileSync('docs/summary.svg', picture);
