import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isCalm } from '../runner/weather.ts';

// Weather changes what a run takes.
it.runIf(isCalm())('docs/summary.svg shows the job summary as it is now', async () => {
  const { picture } = await import('../../scripts/picture.ts');
  expect(readFileSync(new URL('../../docs/summary.svg', import.meta.url), 'utf8')).toBe(picture);
});
