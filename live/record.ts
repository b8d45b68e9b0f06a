/**
 * `NODE_OPTIONS=--import=…/record.ts` writes what a program says to Azure Resource Manager and hears from
 * it into the file that RECORDING names, an exchange a line. `node live/record.ts FILE` prints them as a
 * recording for `npm run conformance`. Both ways nothing is left that tells the subscription: GUIDs are
 * others, the same for the same one, and signatures, passwords and the repository are gone.
 */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const file = process.env.RECORDING;
const HEADERS =
  /^(azure-async.*|location|retry-after|content-type|date|etag|x-ms-(?:ratelimit|failure)-.*)$/;
const DECODED: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** The text with nothing in it that tells whose it is. */
export function masked(text: string): string {
  const repository = process.env.GITHUB_REPOSITORY;
  return (repository ? text.replaceAll(repository, 'owner/repository') : text)
    .replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, (guid) => {
      const hex = createHash('sha256').update(guid.toLowerCase()).digest('hex');
      const other = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
      return /[A-F]/.test(guid) ? other.toUpperCase() : other;
    })
    .replace(/([?&](?:c|s|h|t|sig|se|st)=)[^&\s"\\]+/g, '$1x')
    .replace(/("(?:adminPassword|commandToExecute|accessSAS|keyData)": ?")[^"]*/g, '$1x');
}

function record(request: ClientRequest, response: IncomingMessage, sent: Buffer, heard: Buffer) {
  const decode = DECODED[response.headers['content-encoding'] ?? ''];
  const headers = Object.entries(response.headers).filter(([name]) => HEADERS.test(name));
  const line = JSON.stringify({
    date: response.headers.date,
    request: { method: request.method, uri: `${AZURE}${request.path}`, body: json(sent) },
    response: {
      status: response.statusCode,
      headers: Object.fromEntries(headers),
      body: json(decode ? decode(heard) : heard),
    },
  });
  const own = `https://${request.getHeader('host')}`;
  appendFileSync(file ?? '', `${masked(line.replaceAll(own, AZURE))}\n`);
}

const AZURE = 'https://management.azure.com';

function json(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text || undefined;
  }
}

/** Listens to a request without taking anything from who made it. */
function follow(request: ClientRequest) {
  if (!/^\/(subscriptions|providers)\//.test(request.path)) return;
  const sent: Buffer[] = [];
  for (const name of ['write', 'end'] as const) {
    const original = request[name].bind(request) as (...all: unknown[]) => never;
    request[name] = (...all: unknown[]) => {
      const [chunk] = all;
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) sent.push(Buffer.from(chunk));
      return original(...all);
    };
  }
  request.once('response', (response) => {
    const heard: Buffer[] = [];
    // A listener for data would start the stream before its reader is there.
    const push = response.push.bind(response);
    response.push = (chunk: unknown, ...rest) => {
      if (chunk instanceof Uint8Array) heard.push(Buffer.from(chunk));
      return push(chunk, ...rest);
    };
    response.once('end', () =>
      record(request, response, Buffer.concat(sent), Buffer.concat(heard)),
    );
  });
}

if (!import.meta.main && file) {
  subscribe('http.client.request.created', (message) =>
    follow((message as { request: ClientRequest }).request),
  );
} else if (import.meta.main) {
  const all = readFileSync(process.argv[2] ?? '', 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const time = ({ date }: { date?: string }) => Date.parse(date ?? '');
  const first = Math.min(...all.map(time));
  const interactions = all.map((each, i) => ({ i, t: (time(each) - first) / 1000, ...each }));
  process.stdout.write(JSON.stringify({ label: 'live', interactions }));
}
