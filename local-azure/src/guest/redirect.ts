import { join } from 'node:path';
import { names, writeInside } from './paths.ts';
import { stateFolder } from './root.ts';

/** The action's own scripts say so in one of their first lines. */
const mark = /^# azure-golden-image:/m;

/** The folder where the action's script keeps what it will run. */
const ownFolder = 'run/azure-golden-image';

/** Whether the script is the action's own. */
export function isOwnScript(script: string): boolean {
  return mark.test(script);
}

/** What must never be called by its full name where the host's programs are in reach. */
const dangerous =
  /\/s?bin\/(waagent|cloud-init|systemctl|systemd-run|shutdown|poweroff|halt|reboot|init)\b/;

/**
 * Rewrites every absolute path of the script into `root`, but for /dev/null and the shells, and its
 * search path to the stand-ins. Throws if a program that acts on the machine is called by path.
 */
export function redirect(script: string, root: string): string {
  const places =
    /(?<![\w.$}@)*/:-])\/(run|etc|var|sys|proc|dev|root|home|tmp|boot)(?=[/\s"';)|&]|$)(?!\/null\b)/gm;
  const search = `PATH=${join(root, stateFolder, 'bin')}:${join(root, stateFolder, 'tools')}`;
  const text = script
    .replaceAll(places, (path) => `${root}${path}`)
    .replaceAll(/\bPATH=\/\S+/g, search);
  const found = dangerous.exec(text.replaceAll(root, ''));
  if (found) throw new Error(`The redirected script calls ${found[0]} by its full name`);
  return text;
}

/** A user's script within the action's own is unknown code: where nothing shields the host it does not run. */
export function replaceForeignScripts(root: string): void {
  for (const name of names(root, ownFolder).filter((each) => each.startsWith('user-script'))) {
    writeInside(root, `${ownFolder}/${name}`, '#!/bin/sh\nexit 0\n');
  }
}
