/** `/_local/*`: looking into the local Azure and steering it, over the same port, without a token. */
import type { Hono } from 'hono';
import type { Env } from './arm.ts';
import { respond, respondToError } from './arm.ts';
import type { Timeline } from './clock.ts';
import { armError } from './errors.ts';
import { type Faults, parseFaultRule } from './faults.ts';
import type { Issued } from './issued.ts';
import { isObject, type Json, numberAt } from './json.ts';
import type { Requests } from './requests.ts';
import { asJson as shown } from './weather/document.ts';
import { parseWeather, WEATHER_SCHEMA } from './weather/schema.ts';
import type { Weather } from './weather/weather.ts';
import { asResource, type ResourceInput, type World } from './world.ts';

/** Milliseconds since the epoch: later times have no ISO 8601 form of four digits. */
const LATEST = Date.UTC(9999, 0);

/** Registers the controls. `reset` forgets what hangs on resources that are replaced. */
export function registerControls(
  app: Hono<Env>,
  parts: {
    requests: Requests;
    world: World;
    faults: Faults;
    timeline: Timeline;
    issued: Issued;
    weather: Weather;
    reset: () => void;
  },
): void {
  const { requests, world, faults, timeline, issued, weather } = parts;
  const done = (): Response => respond({ status: 204 });
  app.get('/_local/requests', () => respond({ status: 200, body: asJson(requests.all()) }));
  app.delete('/_local/requests', () => {
    requests.clear();
    return done();
  });
  app.get('/_local/secrets', () => respond({ status: 200, body: asJson(issued.all()) }));
  app.get('/_local/world', () => respond({ status: 200, body: asJson(world.snapshot()) }));
  app.put('/_local/world', (context) =>
    guarded(() => {
      const resources = parseWorld(context.env.text);
      parts.reset();
      world.replace(resources);
      weather.arm();
      return done();
    }),
  );
  app.post('/_local/faults', (context) =>
    guarded(() => {
      faults.add(parseFaultRule(parse(context.env.text)));
      return done();
    }),
  );
  app.delete('/_local/faults', () => {
    faults.clear();
    return done();
  });
  app.get('/_local/weather', () => respond({ status: 200, body: shown(weather.document) }));
  app.get('/_local/weather/schema', () => respond({ status: 200, body: asJson(WEATHER_SCHEMA) }));
  app.put('/_local/weather', (context) =>
    guarded(() => {
      weather.set(parseWeather(context.env.text));
      return done();
    }),
  );
  app.delete('/_local/weather', () => {
    weather.clear();
    return done();
  });
  const clock = (): Response => {
    const { speed } = timeline.clock;
    const now = new Date(timeline.now()).toISOString();
    return respond({ status: 200, body: { now, speed } });
  };
  app.get('/_local/clock', clock);
  app.post('/_local/clock', (context) =>
    guarded(() => {
      const seconds = numberAt(parse(context.env.text), 'advanceSeconds');
      if (seconds === undefined || !(seconds >= 0)) {
        throw armError(400, 'InvalidClock', 'Send {"advanceSeconds": n} with n 0 or more.');
      }
      if (timeline.now() + seconds * 1000 > LATEST) {
        throw armError(400, 'InvalidClock', 'The clock goes no further than the year 9999.');
      }
      timeline.clock.advance(seconds);
      timeline.settle();
      return clock();
    }),
  );
}

/** A world file's text as resources; throws `ArmError` 400 saying what is wrong with it. */
export function parseWorld(text: string): ResourceInput[] {
  const value = parse(text);
  if (!Array.isArray(value)) {
    throw armError(400, 'InvalidWorld', 'A world is a JSON array of ARM resources.');
  }
  return value.map((each, index) => {
    try {
      if (!isObject(each)) throw new Error('it is not an object');
      return asResource(each as unknown as ResourceInput);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw armError(400, 'InvalidWorld', `Resource ${index} of the world: ${reason}`);
    }
  });
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw armError(400, 'InvalidRequestContent', `The body is not JSON: ${reason}`);
  }
}

function guarded(act: () => Response): Response {
  try {
    return act();
  } catch (error) {
    return respondToError(error);
  }
}

function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
