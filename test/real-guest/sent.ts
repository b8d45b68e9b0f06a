import { textAt } from '../../local-azure/src/json.ts';
import { serveLocalAzure } from '../../local-azure/src/serve.ts';
import { rememberedGuest } from '../crash/remembered-guest.ts';
import { defaultInputs } from '../runner/default-inputs.ts';
import { runAction } from '../runner/run-action.ts';

/** Emulated seconds in a real one. */
const SPEED = 480;

/** What the bundle sends to a Linux guest. */
export interface Sent {
  readonly hello: string;
  readonly order: string;
}

/**
 * The scripts that `dist/index.js` sends by Run Command: what a local Azure received of it. Its guest
 * answers both and then does nothing: the real one does.
 *
 * @param script the user's `deprovision-script`
 */
export async function sentByBundle(script: string | undefined): Promise<Sent> {
  const idle = () => ({ seconds: 0, poweredOff: false, agentRunning: true });
  await using served = await serveLocalAzure({
    speed: SPEED,
    guests: () => ({ ...rememberedGuest(), runScheduled: idle }),
  });
  const { azure, endpoint, env } = served;
  const commands = () => azure.requests.all().filter(({ path }) => path.endsWith('/runCommand'));
  const isAnswered = async () => {
    while (commands().filter(({ status }) => status > 0).length < 2)
      await new Promise((done) => setTimeout(done, 20));
  };
  const { log } = await runAction({
    inputs: {
      ...defaultInputs({ ...azure, endpoint }),
      ...(script !== undefined && { 'deprovision-script': script }),
    },
    env,
    mainOnly: true,
    limitMs: 60_000,
    signalAt: { seen: isAnswered, signal: 'SIGKILL' },
  });
  const [hello, order] = commands().map(({ body }) =>
    (textAt(body, 'commandId') === 'RunShellScript' ? linesOf(body) : []).join('\n'),
  );
  if (!hello || !order) throw new Error(`The bundle has sent no order:\n${log}`);
  return { hello, order };
}

const linesOf = (body: unknown): readonly string[] =>
  (body as { readonly script?: readonly string[] }).script ?? [];
