/** `npm run azure`: the local Azure as a process, until SIGINT or SIGTERM. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Cloud, cloudNamed } from './cloud.ts';
import { parseWorld } from './controls.ts';
import { type ServedAzure, serveLocalAzure } from './serve.ts';
import { parseUnknown, type Unknowns } from './unknowns.ts';
import type { ResourceInput } from './world.ts';

const USAGE =
  'usage: npm run azure -- [--port N] [--world FILE] [--speed N] [--token-seconds N] ' +
  '[--assertion-seconds N] [--cloud NAME] [--client-certificate FILE] [--unknown NAME=VALUE]...';

/** Command line options, understood. */
interface Settings {
  readonly port: number;
  readonly speed: number;
  readonly tokenSeconds?: number;
  readonly assertionSeconds?: number;
  readonly world?: readonly ResourceInput[];
  readonly cloud?: Cloud;
  readonly clientCertificates?: readonly string[];
  readonly unknowns: Partial<Unknowns>;
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const options = {
    port: text,
    world: text,
    speed: text,
    'token-seconds': text,
    'assertion-seconds': text,
    cloud: text,
    'client-certificate': text,
    unknown: { ...text, multiple: true },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const tokenSeconds = positive(values['token-seconds'], '--token-seconds');
  const assertionSeconds = positive(values['assertion-seconds'], '--assertion-seconds');
  return {
    port: positive(values.port, '--port') ?? 0,
    speed: speedOf(values.speed),
    unknowns: Object.assign({}, ...(values.unknown ?? []).map(parseUnknown)),
    ...(tokenSeconds === undefined ? {} : { tokenSeconds }),
    ...(assertionSeconds === undefined ? {} : { assertionSeconds }),
    ...(values.world === undefined
      ? {}
      : { world: parseWorld(readFileSync(values.world, 'utf8')) }),
    ...(values.cloud === undefined ? {} : { cloud: cloudNamed(values.cloud) }),
    ...(values['client-certificate'] === undefined
      ? {}
      : { clientCertificates: [readFileSync(values['client-certificate'], 'utf8')] }),
  };
}

/** Time cannot stand still, or nothing would ever end. */
function speedOf(value: string | undefined): number {
  const speed = positive(value, '--speed') ?? 1;
  if (speed > 0 && speed < Number.POSITIVE_INFINITY) return speed;
  throw new Error(`--speed needs a number above 0, not "${value}"`);
}

function positive(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number >= 0) || value.trim() === '')
    throw new Error(`${name} needs a number, not "${value}"`);
  return number;
}

function announce(served: ServedAzure): void {
  const { endpoint, caFile, env, azure } = served;
  const { tenantId, subscriptionId, clientId } = azure;
  const line = { endpoint, tenantId, subscriptionId, clientId, caFile, env };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  const served = await serveLocalAzure(readSettings(process.argv.slice(2)));
  announce(served);
  const stop = async (): Promise<void> => {
    await served[Symbol.asyncDispose]();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  stopWithParent(stop);
}

/** npm hands a signal to its shell, which dies without passing it on: a lost parent means stop. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stop(), 1000).unref();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(2);
});
