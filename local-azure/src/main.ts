#!/usr/bin/env node
/** `npm run azure`: the local Azure as a process, until SIGINT or SIGTERM. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Cloud, cloudNamed } from './cloud.ts';
import { parseWorld } from './controls.ts';
import type { SubjectForm } from './github.ts';
import { type ServedAzure, serveLocalAzure } from './serve.ts';
import { parseUnknown, type Unknowns } from './unknowns.ts';
import type { WeatherDocument } from './weather/document.ts';
import { parseWeather } from './weather/schema.ts';
import type { ResourceInput } from './world.ts';

/** How whoever reads the usage has started it. */
const COMMAND = import.meta.filename.endsWith('.ts') ? 'npm run azure --' : 'local-azure';
const USAGE =
  `usage: ${COMMAND} [--port N] [--world FILE] [--speed N] [--token-seconds N] ` +
  '[--assertion-seconds N] [--id-token-subject ids|names] ' +
  '[--id-token-issuer URL] [--cloud NAME] [--client-certificate FILE] [--weather FILE] ' +
  '[--unknown NAME=VALUE]... [--detached]';

/** Command line options, understood. */
interface Settings {
  readonly port: number;
  readonly speed: number;
  readonly tokenSeconds?: number;
  readonly assertionSeconds?: number;
  readonly idTokenSubject?: SubjectForm;
  readonly idTokenIssuer?: string;
  readonly world?: readonly ResourceInput[];
  readonly cloud?: Cloud;
  readonly clientCertificates?: readonly string[];
  readonly unknowns: Partial<Unknowns>;
  readonly weather?: WeatherDocument;
  /** Whether it outlives the process that started it. */
  readonly detached: boolean;
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const options = {
    port: text,
    world: text,
    speed: text,
    'token-seconds': text,
    'assertion-seconds': text,
    'id-token-subject': text,
    'id-token-issuer': text,
    cloud: text,
    'client-certificate': text,
    weather: text,
    unknown: { ...text, multiple: true },
    detached: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const tokenSeconds = within(values['token-seconds'], '--token-seconds', LIFETIME);
  const assertionSeconds = within(values['assertion-seconds'], '--assertion-seconds', LIFETIME);
  return {
    port: within(values.port, '--port', PORT) ?? 0,
    speed: speedOf(values.speed),
    detached: values.detached === true,
    unknowns: Object.assign({}, ...(values.unknown ?? []).map(parseUnknown)),
    ...(tokenSeconds === undefined ? {} : { tokenSeconds }),
    ...(assertionSeconds === undefined ? {} : { assertionSeconds }),
    ...(values['id-token-subject'] === undefined
      ? {}
      : { idTokenSubject: subjectForm(values['id-token-subject']) }),
    ...(values['id-token-issuer'] === undefined
      ? {}
      : { idTokenIssuer: values['id-token-issuer'] }),
    ...(values.world === undefined
      ? {}
      : { world: parseWorld(readFileSync(values.world, 'utf8')) }),
    ...(values.weather === undefined
      ? {}
      : { weather: parseWeather(readFileSync(values.weather, 'utf8')) }),
    ...(values.cloud === undefined ? {} : { cloud: cloudNamed(values.cloud) }),
    ...(values['client-certificate'] === undefined
      ? {}
      : { clientCertificates: [readFileSync(values['client-certificate'], 'utf8')] }),
  };
}

function subjectForm(value: string): SubjectForm {
  if (value === 'ids' || value === 'names') return value;
  throw new Error(`--id-token-subject needs ids or names, not "${value}"`);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const PORT: Range = { from: 0, to: 65_535 };
/** Seconds: no token of Azure's lives longer than a day; one of 0 has expired when it arrives. */
const LIFETIME: Range = { from: 0, to: 86_400 };
/** Faster than this, a timer of a client's would end in no time at all. */
const FASTEST = 1_000_000;

/** Time cannot stop, or no operation would ever end. */
function speedOf(value: string | undefined): number {
  const speed = numberIn(value) ?? 1;
  if (speed > 0 && speed <= FASTEST) return speed;
  throw new Error(`--speed needs a number above 0, at most ${FASTEST}, not "${value}"`);
}

function within(value: string | undefined, name: string, { from, to }: Range): number | undefined {
  if (value === undefined) return undefined;
  const number = numberIn(value);
  if (number !== undefined && Number.isInteger(number) && number >= from && number <= to)
    return number;
  throw new Error(`${name} needs a whole number from ${from} to ${to}, not "${value}"`);
}

/** Decimal notation alone: `Number` would take blanks and `0x10` too. */
function numberIn(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

function announce(served: ServedAzure): void {
  const { endpoint, caFile, env, azure } = served;
  const { tenantId, subscriptionId, clientId } = azure;
  const line = { endpoint, tenantId, subscriptionId, clientId, caFile, env };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  const { detached, ...settings } = readSettings(process.argv.slice(2));
  const served = await serveLocalAzure(settings);
  const stop = async (): Promise<void> => {
    await served[Symbol.asyncDispose]();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (detached) outlive();
  else stopWithParent(stop);
  announce(served);
}

/** npm hands a signal to its shell, which dies without passing it on: a lost parent means stop. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  process.once('SIGHUP', stop);
  setInterval(() => process.ppid === parent || stop(), 1000).unref();
}

/** A shell that ends hangs up, and takes along the terminal that was written to. */
function outlive(): void {
  process.on('SIGHUP', () => {});
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(2);
});
