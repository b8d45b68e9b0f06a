/** The local Azure as a process, and clients that know nothing but HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

/** The line it prints when it listens. */
export interface Announcement {
  readonly endpoint: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly caFile: string;
  readonly env: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

export interface Sent {
  readonly body?: string | undefined;
  readonly headers?: Record<string, string | string[]>;
  /** Where connections are kept; each request has one of its own when left out. */
  readonly agent?: Agent;
}

/** A running process, started with these options. */
export class AzureProcess {
  readonly started: Announcement;
  readonly #child: ChildProcess;
  readonly #ca: Buffer;
  #complaints = '';

  private constructor(child: ChildProcess, started: Announcement) {
    this.#child = child;
    this.started = started;
    this.#ca = readFileSync(started.caFile);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
  }

  static start(...options: string[]): Promise<AzureProcess> {
    const main = join(import.meta.dirname, '../src/main.ts');
    return AzureProcess.startFrom(process.execPath, main, ...options);
  }

  /** Starts it by another command; rejects when that ends before it listens. */
  static async startFrom(command: string, ...parameters: string[]): Promise<AzureProcess> {
    const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`It ended with code ${code}`)));
    });
    return new AzureProcess(child, JSON.parse(line) as Announcement);
  }

  /** Ends it as an interrupt does; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.isRunning()) await once(this.#child, 'exit');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written on stderr so far. */
  complaints(): string {
    return this.#complaints;
  }

  /** One request; the URL may be a path, which is sent as it is written. */
  call(method: string, url: string, { body, headers = {}, agent }: Sent = {}): Promise<Answer> {
    const { endpoint } = this.started;
    const path = url.startsWith(endpoint) ? url.slice(endpoint.length) : url;
    const { hostname, port } = new URL(endpoint);
    const isSized = body !== undefined && !('transfer-encoding' in headers);
    const size = isSized ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const where = { hostname, port, path, ca: this.#ca, agent: agent ?? false };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { ...where, method, headers: { ...size, ...headers } },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk) => {
            text += chunk;
          });
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
          );
          incoming.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** A connection that says whatever is written to it. */
  async connection(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const { hostname, port } = new URL(this.started.endpoint);
    const socket = connect({ host: hostname, port: Number(port), ca: this.#ca, ...options });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Writes this on a connection of its own; what came back by the time the other side closed it. */
  async say(text: string | Uint8Array): Promise<string> {
    const socket = await this.connection();
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
    });
    const closed = once(socket, 'close');
    socket.write(text);
    await closed;
    return heard;
  }

  /** An access token for ARM, by way of an ID token of GitHub's. */
  async signIn(): Promise<string> {
    const { env, endpoint, tenantId, clientId } = this.started;
    const idToken = await this.call(
      'GET',
      `${env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api%3A%2F%2FAzureADTokenExchange`,
      { headers: { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` } },
    );
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: JSON.parse(idToken.text).value,
      scope: `${endpoint}/.default`,
    });
    const answer = await this.call('POST', `${endpoint}/${tenantId}/oauth2/v2.0/token`, {
      body: String(form),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    return JSON.parse(answer.text).access_token;
  }
}
