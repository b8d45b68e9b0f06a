import { nameOf } from '../domain/resource-id.ts';
import type { SerialLog } from '../run/ports.ts';
import { fromAzure } from './failure.ts';
import { retry } from './retry.ts';
import { Session } from './session.ts';

/** Tries in a row: whoever listens to a guest looks again in any case. */
const TRIES = 3;

/** The end of a log tells what matters; the rest is not kept. */
const MOST_CHARACTERS = 2 ** 20;

/**
 * Reads the serial log that boot diagnostics keep. That it cannot be read is told, not thrown: boot
 * diagnostics may be off, or a storage account of the user's own may refuse (403), the log may not be
 * there yet (404), or Azure be overloaded (503), all of which may pass.
 */
export function serialLogOf(session: Session): (vm: string) => Promise<SerialLog> {
  // Signed URLs by VM, which Azure hands out for two hours; asked for anew when one fails.
  const urls = new Map<string, string>();
  const brief = new Session(session.arm, { ...session.options, mostFailures: TRIES });
  return async (vm) => {
    const doing = `read the serial console log of ${nameOf(vm)}`;
    const download = async (url: string) => {
      const text = await retry(() => session.arm.download(url), { ...brief.options, doing });
      return text.slice(-MOST_CHARACTERS);
    };
    try {
      const earlier = urls.get(vm);
      const text = earlier && (await download(earlier).catch(() => undefined));
      if (text) return { text };
      session.options.signal.throwIfAborted();
      const url = await locate(brief, vm, doing);
      if (!url) return { text: '' };
      urls.set(vm, url);
      return { text: await download(url) };
    } catch (thrown) {
      session.options.signal.throwIfAborted();
      return { text: '', trouble: fromAzure(thrown, doing) };
    }
  };
}

async function locate(session: Session, vm: string, doing: string): Promise<string | undefined> {
  const url = await session.read(vm, doing, async (client, [group, name], options) => {
    const { virtualMachines } = client;
    const found = await virtualMachines.retrieveBootDiagnosticsData(group, name, options);
    return found.serialConsoleLogBlobUri;
  });
  if (url) session.options.mask(url);
  return url;
}
