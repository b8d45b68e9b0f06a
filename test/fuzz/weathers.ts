/** Random weather: one to three of everything that a document can say. */
import type {
  AnswerRule,
  OperationRule,
  WeatherDocument,
} from '../../local-azure/src/weather/document.ts';
import type { Dice } from './dice.ts';

/** Stands for another host than the cloud's; the trial puts a real one in its place. */
export const ELSEWHERE = 'https://elsewhere.invalid';

const POLL = '**/locations/*/*perations/*';
const PATHS = ['**/virtualMachines/*', '**/versions/*', '**/snapshots/*', '**/disks/*', '**'];
const LISTS = ['**/versions', '**/snapshots', '**/images', '**/disks', '**/permissions', '**/*'];
const BODIES = ['empty', 'html', 'truncated', 'null', 'object', 'list'] as const;

type Maker = (dice: Dice, vm: string) => Partial<WeatherDocument>;

const answer = (rule: AnswerRule) => ({ answers: [rule] });
const operation = (rule: OperationRule) => ({ operations: [rule] });
const refusal = (status: number, code: string) => ({
  status,
  body: { error: { code, message: 'As the weather has it.' } },
});

const MAKERS: readonly Maker[] = [
  (dice) => ({
    policies: [{ effect: 'remove', tag: dice.pick(['golden-image-*', 'golden-image-owner', '*']) }],
  }),
  (dice) => ({
    policies: [
      { effect: dice.pick(['add', 'replace'] as const), tag: 'environment', value: 'prod' },
    ],
  }),
  (dice) => ({
    tagTools: [
      {
        tags: dice.pick(['golden-image-*', '*']),
        ...dice.optional(0.5, 'types', () => ['*/versions', '**/versions']),
        afterSeconds: dice.between(0, 120),
      },
    ],
  }),
  (dice) => ({ staleReads: [{ seconds: dice.between(1, 20), probability: 0.5 }] }),
  (dice) =>
    answer({
      match: { method: 'read', path: dice.pick(PATHS) },
      probability: dice.pick([0.1, 0.3]),
      replaceBody: dice.pick(BODIES),
    }),
  (dice) =>
    answer({
      match: { method: 'read', path: dice.pick(PATHS) },
      after: dice.between(0, 5),
      times: dice.between(1, 6),
      replaceBody: dice.pick(BODIES),
    }),
  (dice) =>
    answer({
      match: { method: 'write', path: dice.pick(PATHS) },
      times: 1,
      replaceBody: dice.pick(BODIES),
    }),
  (dice) =>
    answer({
      match: { method: 'read', path: dice.pick(LISTS) },
      nextLink: `${ELSEWHERE}/next`,
      probability: dice.pick([0.3, 1]),
    }),
  () => answer({ match: { method: 'write', path: '**' }, pollUrl: `${ELSEWHERE}/poll`, times: 1 }),
  (dice) =>
    answer({
      match: { path: POLL },
      probability: 0.3,
      fate: dice.pick([refusal(503, 'ServiceUnavailable'), refusal(403, 'AuthorizationFailed')]),
    }),
  (dice) =>
    answer({
      match: { path: '**/retrieveBootDiagnosticsData' },
      probability: 0.5,
      fate: refusal(dice.pick([403, 409, 500]), 'Refused'),
    }),
  () => answer({ match: { path: '/bootdiagnostics/*' }, fate: { status: 403 }, probability: 0.7 }),
  (dice) => answer({ match: { path: '/bootdiagnostics/*' }, replaceBody: dice.pick(BODIES) }),
  (dice) =>
    answer({
      match: { path: dice.pick(['/github/**', '/actions/**', '**/oauth2/**', '/metadata/**']) },
      times: dice.between(1, 3),
      ...(dice.maybe(0.5)
        ? { replaceBody: dice.pick(BODIES) }
        : { fate: refusal(dice.pick([403, 500, 503]), 'Refused') }),
    }),
  (dice) =>
    operation({
      times: dice.between(1, 2),
      after: dice.between(0, 4),
      end: dice.pick(['Canceled', 'OperationPreempted', 'InternalExecutionError', 'never']),
    }),
  (dice, vm) => ({
    silentAgents: [
      {
        vm,
        afterSeconds: dice.between(0, 120),
        ...dice.optional(0.5, 'forSeconds', () => 600),
      },
    ],
  }),
  (dice, vm) => ({
    replacements: [
      {
        vm,
        on: dice.pick([
          { method: 'POST', path: '**/runCommand' },
          { method: 'POST', path: '**/deallocate' },
          { method: 'POST', path: '**/generalize' },
          { method: 'PUT', path: '**/versions/*' },
        ]),
      },
    ],
  }),
];

/** Weather for a run of this VM's. */
export function weatherOf(dice: Dice, vm: string): WeatherDocument {
  const parts = dice.some(MAKERS, dice.between(0, 3)).map((make) => make(dice, vm));
  const all: Record<string, unknown> = { seed: dice.between(1, 1_000_000) };
  for (const part of parts)
    for (const [name, rules] of Object.entries(part))
      all[name] = [...((all[name] as unknown[] | undefined) ?? []), ...(rules as unknown[])];
  return all as WeatherDocument;
}

/** Weather of the serial consoles: none in three of four trials. */
export function consoleOf(dice: Dice): WeatherDocument {
  if (!dice.maybe(0.25)) return {};
  const lagSeconds = dice.pick([0, 60, 300, 600]);
  const lostSeconds = dice.pick([0, 5, Math.min(lagSeconds, 60)]);
  return { console: [{ lagSeconds, lostSeconds, writesHang: dice.maybe(0.2) }] };
}

/** What stays when everything else has passed: what an organisation has decided. */
export const lastingWeather = ({ seed, policies, tagTools }: WeatherDocument): WeatherDocument => ({
  ...(seed !== undefined && { seed }),
  ...(policies && { policies }),
  ...(tagTools && { tagTools }),
});

/** Whether nothing in it forbids that a run that is repeated comes to its end. */
export const passes = ({
  policies = [],
  tagTools,
  replacements,
  operations,
  silentAgents,
}: WeatherDocument) =>
  policies.every(({ effect }) => effect !== 'remove' && effect !== 'deny') &&
  !tagTools?.length &&
  !replacements?.length &&
  !silentAgents?.some(({ forSeconds }) => forSeconds === undefined) &&
  !operations?.some(({ end }) => end === 'never');
