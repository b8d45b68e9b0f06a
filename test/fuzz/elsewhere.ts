/** Another host than the cloud's, whose certificate the action trusts: what it is told is remembered. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../../local-azure/src/certificates.ts';

export interface Elsewhere extends AsyncDisposable {
  readonly origin: string;
  /** A PEM file with this host's authority and the given one. */
  readonly caFile: string;
  /** Requests that came with credentials. */
  readonly told: readonly string[];
}

export async function openElsewhere(otherAuthority: string): Promise<Elsewhere> {
  const { ca, certificate, key } = await makeCertificates();
  const told: string[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const { method, url, headers } = request;
    if (headers.authorization !== undefined) told.push(`${method} ${url}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ value: [], status: 'Succeeded' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, `${otherAuthority}\n${ca}`);
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caFile,
    told,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
