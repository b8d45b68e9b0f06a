/** The weather that tests run under: `WEATHER=FILE npx vitest run test/scenarios`; none by default. */
import { readFileSync } from 'node:fs';
import type { WeatherDocument } from '../../local-azure/src/weather/document.ts';
import { parseWeather } from '../../local-azure/src/weather/schema.ts';

/** Path of the document in force, if there is one. */
export const weatherFile = (): string | undefined => process.env.WEATHER || undefined;

/** Whether no weather disturbs a test: what counts requests, or sends some itself, wants that. */
export const isCalm = (): boolean => weatherFile() === undefined;

/** The document in force; undefined when there is none. */
export function weatherInForce(): WeatherDocument | undefined {
  const file = weatherFile();
  return file === undefined ? undefined : parseWeather(readFileSync(file, 'utf8'));
}
