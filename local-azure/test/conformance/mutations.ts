/**
 * Tampering with recordings, to learn whether the comparison would notice: each mutation changes one
 * thing of one recorded answer that Azure cannot have answered as well.
 */

import { masked } from '../../src/conformance/mask.ts';
import type { Exchange, Scenario } from '../../src/conformance/scenario.ts';
import { isObject } from '../../src/json.ts';

/** A scenario with one answer changed. */
export interface Mutation {
  /** Which exchange, by position, and what was done to it. */
  readonly position: number;
  readonly what: string;
  readonly scenario: Scenario;
}

/** Headers whose presence is compared. */
const headers = [
  'azure-asyncoperation',
  'location',
  'azure-asyncnotification',
  'x-ms-failure-cause',
  'etag',
  'x-ms-ratelimit-remaining-resource',
  'x-ms-ratelimit-remaining-subscription-writes',
  'x-ms-ratelimit-remaining-subscription-deletes',
  'content-type',
];

/** Every mutation of a scenario, lazily: the scenarios are large and most mutations are not asked for. */
export function mutationsOf(scenario: Scenario): (() => Mutation)[] {
  return scenario.exchanges.flatMap((exchange, position) => {
    const changed = (what: string, change: Partial<Exchange>) => (): Mutation => ({
      position,
      what,
      scenario: {
        ...scenario,
        exchanges: scenario.exchanges.map((each, index) =>
          index === position ? { ...each, ...change } : each,
        ),
      },
    });
    return [
      ...otherStatus(exchange).map((status) => changed(`status ${status}`, { status })),
      ...headers.map((name) => changed(...otherHeader(exchange, name))),
      ...bodiesOf(exchange.answer).map(([what, answer]) => changed(what, { answer })),
      ...swapsOf(scenario, position),
    ];
  });
}

/** The answers of two polls of an operation in the other order, where they differ. */
function swapsOf(scenario: Scenario, position: number): (() => Mutation)[] {
  const { exchanges } = scenario;
  const first = exchanges[position];
  if (first?.status !== 200 || !/operations\/[^/]+$/i.test(first.url.pathname)) return [];
  const next = exchanges.findIndex(
    ({ method, url }, at) => at > position && method === 'GET' && url.href === first.url.href,
  );
  const second = exchanges[next];
  if (second?.status !== 200 || shownBy(first) === shownBy(second)) return [];
  return [
    () => ({
      position,
      what: `answer swapped with #${second.index}`,
      scenario: {
        ...scenario,
        exchanges: exchanges.map((each, at) => {
          if (at === position) return { ...each, answer: second.answer };
          return at === next ? { ...each, answer: first.answer } : each;
        }),
      },
    }),
  ];
}

const shownBy = ({ answer }: Exchange): string => masked(JSON.stringify(answer) ?? '');

function otherStatus({ status }: Exchange): number[] {
  return status === 200 ? [201, 202] : status < 300 ? [200] : [status === 409 ? 400 : 409];
}

function otherHeader(exchange: Exchange, name: string): [string, Partial<Exchange>] {
  const others = new Map(exchange.headers);
  if (others.delete(name)) return [`without ${name}`, { headers: others }];
  const isUrl = name === 'azure-asyncoperation' || name === 'location';
  const url = `${exchange.url.origin}/subscriptions/s/providers/Microsoft.Compute/locations/westus/operations/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}?api-version=2024-07-01`;
  return [`with ${name}`, { headers: others.set(name, isUrl ? url : 'Something/Else;1') }];
}

type Changed = [what: string, answer: unknown];

/** The body with one member, at any depth, changed. */
function bodiesOf(value: unknown, path = ''): Changed[] {
  if (Array.isArray(value)) return listsOf(value, path);
  if (isObject(value)) return objectsOf(value, path);
  return scalarsOf(value).map((other): Changed => [`${path} = ${JSON.stringify(other)}`, other]);
}

function objectsOf(value: Record<string, unknown>, path: string): Changed[] {
  const entries = Object.entries(value);
  const without = (name: string) => Object.fromEntries(entries.filter(([each]) => each !== name));
  const found = entries.flatMap(([name, inner]): Changed[] => {
    const own = path === '' ? name : `${path}.${name}`;
    const cased = name.charAt(0).toUpperCase() + name.slice(1);
    const recased = Object.fromEntries(
      entries.map(([each, kept]) => [
        each === name ? (cased === name ? name.toLowerCase() : cased) : each,
        kept,
      ]),
    );
    return [
      [`${own} gone`, without(name)],
      ...(name.toLowerCase() === name && cased === name
        ? []
        : [[`${own} recased`, recased] as Changed]),
      ...bodiesOf(inner, own).map(([what, other]): Changed => [what, { ...value, [name]: other }]),
    ];
  });
  return [
    ...found,
    [`${path === '' ? '' : `${path}.`}surprise added`, { ...value, surprise: 'member' }],
  ];
}

function listsOf(value: unknown[], path: string): Changed[] {
  const inner = value.flatMap((each, index) =>
    bodiesOf(each, `${path}[${index}]`).map(
      ([what, other]): Changed => [what, value.map((kept, at) => (at === index ? other : kept))],
    ),
  );
  const isReordered = value.length > 1 && JSON.stringify(value[0]) !== JSON.stringify(value[1]);
  if (!isReordered || path === 'value') return inner;
  return [...inner, [`${path} reordered`, [...value.slice(1), value[0]]]];
}

const otherStates: Readonly<Record<string, string>> = {
  InProgress: 'Succeeded',
  Succeeded: 'InProgress',
  Creating: 'Succeeded',
  Updating: 'Succeeded',
};

/** What a value could have been instead; nothing for one that no two runs share. */
function scalarsOf(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1];
  if (typeof value !== 'string' || value === '') return [];
  if (masked(value) !== value || /^"?\d+"?$|MASKED/.test(value)) return [];
  const swapped = value === value.toUpperCase() ? value.toLowerCase() : value.toUpperCase();
  const state = otherStates[value];
  return [...(swapped === value ? [] : [swapped]), state ?? `${value}x`];
}
