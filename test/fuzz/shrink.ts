import type { FuzzCase } from './case.ts';

/**
 * The smallest case that still fails: leaves out one thing after the other, as long as that makes no
 * difference.
 *
 * @param fails whether a case shows what the first one showed
 * @param most how many cases may be tried
 */
export async function shrink(
  found: FuzzCase,
  fails: (trial: FuzzCase) => Promise<boolean>,
  most = 40,
): Promise<FuzzCase> {
  let smallest = found;
  let tried = 0;
  for (let index = 0; ; ) {
    const next = smaller(smallest)[index];
    if (next === undefined || tried >= most) return smallest;
    tried++;
    if (await fails(next)) {
      smallest = next;
      index = 0;
    } else index++;
  }
}

/** Every case that has one thing less, the largest things first. */
function smaller(trial: FuzzCase): FuzzCase[] {
  const { attempts, weather, inputs, world } = trial;
  const without = <T>(list: readonly T[], index: number): T[] =>
    list.filter((_, each) => each !== index);
  const withAttempts = (index: number, attempt: FuzzCase['attempts'][number]) => ({
    ...trial,
    attempts: attempts.map((each, other) => (other === index ? attempt : each)),
  });
  return [
    ...(attempts.length > 1
      ? attempts.map((_, index) => ({ ...trial, attempts: without(attempts, index) }))
      : []),
    ...Object.entries(weather).flatMap(([name, rules]) =>
      Array.isArray(rules)
        ? rules.map((_, index) => {
            const { [name as keyof typeof weather]: __, ...rest } = weather;
            const left = without(rules, index);
            return { ...trial, weather: left.length > 0 ? { ...weather, [name]: left } : rest };
          })
        : [],
    ),
    ...attempts.flatMap(({ kill, faults }, index) => [
      ...(kill ? [withAttempts(index, { faults })] : []),
      ...faults.map((_, each) =>
        withAttempts(index, { faults: without(faults, each), ...(kill && { kill }) }),
      ),
    ]),
    ...Object.keys(inputs)
      .filter((name) => OPTIONAL.test(name))
      .map((name) => ({
        ...trial,
        inputs: Object.fromEntries(Object.entries(inputs).filter(([other]) => other !== name)),
      })),
    ...world.flatMap(({ id }, index) =>
      /\/(foreign-|versions\/)/.test(id) && !id.endsWith(`/${sourceOf(trial)}`)
        ? [{ ...trial, world: without(world, index) }]
        : [],
    ),
  ];
}

const sourceOf = ({ inputs }: FuzzCase): string =>
  inputs['source-image-version']?.split('/').at(-1) ?? '';

/** Inputs that a run can do without. */
const OPTIONAL =
  /^(tags|target-regions|snapshot|snapshot-retention|capture-from|image-version|wait-for|after-capture|end-of-life|block-.*|dry-run|repair-regions|exclude-from-latest|allow-no-latest|comment)$/;
