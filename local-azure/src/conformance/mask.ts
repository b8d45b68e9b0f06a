/**
 * What no two runs share, and what is therefore compared by kind only: GUIDs, times, signatures
 * and the random part of names that Azure makes up.
 */

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const bareGuid = /(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])/gi;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;
const compactTime = /\b\d{8}T\d{6}Z\b/g;
const signedUrl = /https:\/\/[^\s"]*[?&]sig=[^\s"]*/g;
/** A gallery's unique name: the subscription and the gallery's name in capitals. */
const uniqueName = /<guid>-[A-Z0-9_.]+/g;

/**
 * Where Azure writes a group's name in capitals, the recordings show the real name: only its
 * original spelling was replaced.
 */
const capitalGroup = /(?<=\/resourceGroups\/)(?=[^/]*[A-Z])[^/a-z]+(?=\/)/g;

/** The text with everything that differs from run to run replaced by its kind. */
export function masked(text: string): string {
  return text
    .replace(signedUrl, '<signed url>')
    .replace(time, '<time>')
    .replace(compactTime, '<time>')
    .replace(guid, '<guid>')
    .replace(bareGuid, '<hex>')
    .replace(capitalGroup, '<GROUP>')
    .replace(uniqueName, '<guid>-<GALLERY>');
}

/**
 * Pairs what a recording called things with what the local Azure calls them, so that later
 * requests of the recording reach their counterparts (operation ids, disks that Azure named).
 */
export class Aliases {
  readonly #local = new Map<string, string>();

  /** Learns from two texts that are the same but for what is masked. */
  learn(recorded: string, local: string): void {
    if (recorded === local || masked(recorded) !== masked(local)) return;
    const ours = tokens(local);
    tokens(recorded).forEach((token, position) => {
      const counterpart = ours[position];
      if (counterpart !== undefined && counterpart !== token) this.#local.set(token, counterpart);
    });
  }

  /** The text with every known recorded token replaced by the local one. */
  applied(text: string): string {
    if (this.#local.size === 0) return text;
    const found = tokens(text).filter((token) => this.#local.has(token));
    return found.reduce(
      (result, token) => result.replace(token, this.#local.get(token) ?? token),
      text,
    );
  }
}

/** GUID-like tokens in order of appearance; a unique gallery name counts as one token. */
function tokens(text: string): string[] {
  const whole = new RegExp(`${guid.source}(?:-[A-Z0-9_.]+)?|${bareGuid.source}`, 'g');
  return [...text.matchAll(whole)].map((match) => match[0]);
}
