import { Random } from '../../local-azure/src/random.ts';
import { FATES, type Fate } from './fates.ts';
import type { Blow } from './network.ts';
import { describePoint, type Point, pointsOf } from './points.ts';
import { MISSED, trial, type Undisturbed, undisturbed } from './trial.ts';
import { VARIANTS, type Variant } from './variants.ts';

/** How much of the matrix is tried. */
export interface MatrixOptions {
  /** Of everything random: which cells of a slice, which pairs. */
  readonly seed: number;
  /** How many single blows, drawn from all of them; all when left out. */
  readonly singles?: number | undefined;
  /** How many random pairs of blows. */
  readonly pairs: number;
  /** Only variants whose name holds this text. */
  readonly only?: string | undefined;
  /** Is told of every trial that did not converge, and now and then how far it is. */
  readonly say: (line: string) => void;
}

/** What was found. */
export interface Tally {
  readonly points: number;
  readonly fates: number;
  readonly tried: number;
  readonly converged: number;
  /** Those whose request, the last of many looks, did not come: nothing was tried. */
  readonly missed: number;
  /** One line for each that did not, with what to give to see it again. */
  readonly diverged: readonly string[];
}

interface Measured {
  readonly variant: Variant;
  readonly measure: Undisturbed;
  readonly points: readonly Point[];
}

/** One trial: what befalls each attempt before the last one. */
interface Cell {
  readonly variant: Variant;
  readonly measure: Undisturbed;
  readonly name: string;
  readonly attempts: readonly (readonly Blow[])[];
  /** Whether the blows are sure to find their requests. */
  readonly isSure: boolean;
}

const blowOf = ({ key, after }: Point, fate: Fate): Blow => ({ key, after, fate });

/** Breaks every kind of capture at its requests, in every way, and sees whether it converges. */
export async function runMatrix(options: MatrixOptions): Promise<Tally> {
  const random = new Random(options.seed);
  const measured: Measured[] = [];
  for (const variant of VARIANTS.filter(({ name }) => name.includes(options.only ?? ''))) {
    const measure = await undisturbed(variant);
    measured.push({ variant, measure, points: pointsOf(measure.requests) });
  }
  const singles = drawn(measured.flatMap(singlesOf), options.singles, random);
  const pairs = Array.from({ length: options.pairs }, () => pairOf(measured, random));
  const cells = [...singles, ...pairs];
  const diverged: string[] = [];
  let missed = 0;
  for (const [index, { variant, measure, name, attempts, isSure }] of cells.entries()) {
    const wrong = await trial(variant, measure, attempts);
    if (wrong === MISSED && !isSure) missed++;
    else if (wrong.length > 0) {
      const line = `${variant.name}: ${name}: ${[...new Set(wrong)].join('; ')}`;
      diverged.push(line);
      options.say(line);
    }
    if ((index + 1) % 500 === 0) options.say(`${index + 1} of ${cells.length} tried`);
  }
  return {
    points: measured.reduce((sum, { points }) => sum + points.length, 0),
    fates: FATES.length,
    tried: cells.length - missed,
    converged: cells.length - missed - diverged.length,
    missed,
    diverged,
  };
}

const singlesOf = ({ variant, measure, points }: Measured): Cell[] =>
  points.flatMap((point) =>
    FATES.filter(({ only }) => only?.(point) ?? true).map((fate) => ({
      variant,
      measure,
      name: `${describePoint(point)}: ${fate.name}`,
      attempts: [[blowOf(point, fate)]],
      isSure: point.isSure,
    })),
  );

/** Two blows: both in the first attempt, or one in each of the first two. */
function pairOf(measured: readonly Measured[], random: Random): Cell {
  const { variant, measure, points } = pick(measured, random);
  const strike = (): { point: Point; fate: Fate } => {
    const point = pick(points, random);
    return {
      point,
      fate: pick(
        FATES.filter(({ only }) => only?.(point) ?? true),
        random,
      ),
    };
  };
  const [one, two] = [strike(), strike()];
  const blows = [one, two].map(({ point, fate }) => blowOf(point, fate));
  const together = random.next() < 0.5;
  return {
    variant,
    measure,
    name: [one, two]
      .map(({ point, fate }) => `${describePoint(point)}: ${fate.name}`)
      .join(together ? ' and ' : ', then, run again, '),
    attempts: together ? [blows] : blows.map((blow) => [blow]),
    isSure: one.point.isSure && two.point.isSure,
  };
}

function pick<T>(from: readonly T[], random: Random): T {
  const found = from[Math.floor(random.next() * from.length)];
  if (found === undefined) throw new RangeError('Nothing to choose from');
  return found;
}

/** So many of them, without order; all when no number is given. */
function drawn<T>(from: readonly T[], count: number | undefined, random: Random): T[] {
  if (count === undefined || count >= from.length) return [...from];
  const left = [...from];
  return Array.from({ length: count }, () => {
    const [one] = left.splice(Math.floor(random.next() * left.length), 1);
    return one as T;
  });
}
