import { nameOf } from '../../domain/resource-id.ts';
import { about, type Rule } from './rule.ts';

/** Rules on ends of life. */
export const lifetimeRules: readonly Rule[] = [
  {
    id: 'version-end-of-life',
    severity: 'error',
    when: 'the end of life that the version is to have has passed',
    azure: { says: 'EndOfLifeDate must be set to a future date.' },
    looksAt: ['`end-of-life`, else that of the source of a copy', 'the time'],
    remedy:
      'Give an `end-of-life` in the future, or a time from now such as `90d`; a copy to which none is given has that of its source.',
    check: ({ endOfLife, inventory }) =>
      endOfLife &&
      endOfLife <= inventory.now &&
      `The end of life ${endOfLife.toISOString()} has passed.`,
  },
  about('newVersion', {
    id: 'definition-end-of-life',
    severity: 'warning',
    when: 'the end of life of the definition has passed',
    azure: { accepts: 'An end of life is information; Azure makes versions after it as before.' },
    looksAt: ['definition `endOfLifeDate`', 'the time'],
    remedy: 'Use its successor, or set a later end of life on the definition.',
    check: ({ inventory: { definition, now } }) =>
      definition?.endOfLife &&
      definition.endOfLife <= now &&
      `The image definition \`${nameOf(definition.id)}\` reached its end of life on ${day(definition.endOfLife)}.`,
  }),
  {
    id: 'version-outlives-definition',
    severity: 'warning',
    needs: ['definition'],
    when: '`end-of-life` is later than that of the definition',
    azure: { accepts: 'An end of life is information; Azure does not compare the two.' },
    looksAt: ['definition `endOfLifeDate`', '`end-of-life`'],
    remedy: 'Give an earlier `end-of-life`, or set a later one on the definition.',
    check: ({ endOfLife, inventory: { definition } }) =>
      endOfLife &&
      definition?.endOfLife &&
      endOfLife > definition.endOfLife &&
      `The version would live until ${day(endOfLife)}, longer than its image definition, whose end of life is ${day(definition.endOfLife)}.`,
  },
];

const day = (date: Date): string => date.toISOString().slice(0, 10);
