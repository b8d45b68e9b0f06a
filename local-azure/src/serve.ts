/** The local Azure over HTTPS on loopback, for clients in other processes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { respondToError } from './arm.ts';
import { createLocalAzure, type LocalAzure, type LocalAzureOptions } from './azure.ts';
import { makeCertificates } from './certificates.ts';
import { CLOUDS, hostsOf } from './cloud.ts';
import { armError, ConnectionReset } from './errors.ts';
import { GITHUB_API_HOST } from './github.ts';

/** A local Azure that listens. Disposing of it closes the port and removes the CA file. */
export interface ServedAzure extends AsyncDisposable {
  readonly azure: LocalAzure;
  /** `https://localhost:<port>`. */
  readonly endpoint: string;
  /** PEM file of the authority to trust, in a temporary folder of its own. */
  readonly caFile: string;
  /** All that a client in another process must export, the CA file included. */
  readonly env: Readonly<Record<string, string>>;
  /** The authority itself, PEM. */
  readonly ca: string;
}

/** Starts a local Azure on `port` of 127.0.0.1 (0: any free one); rejects when it is taken. */
export async function serveLocalAzure(
  options: Omit<LocalAzureOptions, 'origin'> & { readonly port?: number } = {},
): Promise<ServedAzure> {
  const { port = 0, ...rest } = options;
  const { ca, certificate, key } = await certificatesOfToday();
  const holder: { azure?: LocalAzure } = {};
  const listener = getRequestListener(
    async (request, env) => {
      if (holder.azure === undefined) return new Response(null, { status: 503 });
      return answer(holder.azure, request, env.incoming as IncomingMessage);
    },
    { overrideGlobalObjects: false, errorHandler: unreadable },
  );
  const server = createServer({ key, cert: certificate }, listener);
  server.on('clientError', refuse);
  await listen(server, port);
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  const azure = createLocalAzure({
    authentication: true,
    recordSecrets: true,
    ...rest,
    origin: endpoint,
  });
  holder.azure = azure;
  const folder = mkdtempSync(join(tmpdir(), 'local-azure-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca);
  return {
    azure,
    endpoint,
    caFile,
    ca,
    env: {
      ...azure.env,
      // For Node, Python's requests, Go and OpenSSL, and curl, in this order.
      NODE_EXTRA_CA_CERTS: caFile,
      REQUESTS_CA_BUNDLE: caFile,
      SSL_CERT_FILE: caFile,
      CURL_CA_BUNDLE: caFile,
      // The Azure CLI would ask Microsoft whether this authority is genuine.
      AZURE_CORE_INSTANCE_DISCOVERY: 'false',
      NO_PROXY: 'localhost,127.0.0.1',
      no_proxy: 'localhost,127.0.0.1',
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      azure[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const made = new Map<string, ReturnType<typeof makeCertificates>>();

/** Made once a day for all that start in this process: nothing else at a start takes as long. */
function certificatesOfToday(): ReturnType<typeof makeCertificates> {
  const today = new Date().toDateString();
  const hosts = [...Object.values(CLOUDS).flatMap(hostsOf), GITHUB_API_HOST];
  const certificates = made.get(today) ?? makeCertificates(hosts);
  made.set(today, certificates);
  return certificates;
}

async function answer(
  azure: LocalAzure,
  request: Request,
  incoming: IncomingMessage,
): Promise<Response> {
  try {
    return await azure.fetch(request);
  } catch (error) {
    if (!(error instanceof ConnectionReset)) throw error;
    incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
}

/** The answer to a request whose host or target cannot be made a URL of (code and wording invented). */
function unreadable(error: unknown): Response {
  if (!(error instanceof RequestError)) return respondToError(error);
  return respondToError(armError(400, 'BadRequest', `The request is not valid: ${error.message}.`));
}

const TOO_LARGE: ReadonlyMap<string | undefined, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/** The answer to what is not HTTP; Azure's front door says the status, what else it says is not known. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = TOO_LARGE.get(error.code) ?? 400;
  const message = `The request is not valid: ${STATUS_CODES[status]}.`;
  const body = JSON.stringify({ error: { code: 'BadRequest', message } });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n` +
      'content-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
