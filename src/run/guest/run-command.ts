import type { OsType } from '../../domain/vm.ts';
import type { StepContext } from '../step-context.ts';
import { aborted } from '../wait.ts';

/**
 * The longest script of a user, in bytes, that fits into a Run Command beside ours: its handler on
 * Linux takes 256 KiB of base64 (Azure/run-command-extension-linux main/cmds.go, `maxScriptSize`), and
 * the user's script is base64 within base64. Of Windows' handler no limit is known.
 */
export const SCRIPT_LIMIT_BYTES = 128 * 1024;

/** What a guest is asked to do. Writing its script throws a RangeError for what breaks these rules. */
export interface GuestOrder {
  /** Names it in every mark: 4 to 64 letters, digits and hyphens. */
  readonly nonce: string;
  /** The user's own; at most `SCRIPT_LIMIT_BYTES`. */
  readonly script?: string;
}

/** Throws a RangeError for a nonce that is not safe within quotation marks. */
export function checkNonce(nonce: string): void {
  if (!/^[A-Za-z0-9-]{4,64}$/.test(nonce)) throw new RangeError(`Malformed nonce ${nonce}`);
}

/**
 * A script as lines of base64, in which nothing can end a quotation or a here-document. For a shell
 * without the byte order mark and carriage returns that a checkout on Windows adds (Run Command strips
 * them too, run-command-extension-linux pkg/preprocess); for Windows PowerShell 5.1 with the mark,
 * without which it reads a file in the machine's code page (about_Character_Encoding).
 *
 * Throws a RangeError for a script over the limit.
 */
export function encodeScript(script: string, reader: 'shell' | 'powershell'): string {
  const plain = script.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const size = Buffer.byteLength(plain);
  if (size > SCRIPT_LIMIT_BYTES) throw new RangeError(`The script has ${size} bytes`);
  const bytes = Buffer.from(reader === 'shell' ? plain : `\uFEFF${plain}`);
  const lines = reader === 'shell' ? /.{1,1000}/g : /.{1,76}/g;
  return (bytes.toString('base64').match(lines) ?? []).join('\n');
}

/**
 * Shell that sets `$interpreter` and `$argument` from the first line of the script at a path, as the
 * kernel splits it: the interpreter and at most one argument; `/bin/sh` where the line names none.
 */
export const interpreterOf = (path: string): string => `tab=$(printf '\\t')
IFS= read -r first <${path}
case $first in '#!'*) ;; *) first='#!/bin/sh' ;; esac
words=$(printf '%s' "$first" | sed "s/^#![ $tab]*//; s/[ $tab]*$//")
interpreter=\${words%%[ "$tab"]*}
argument=$(printf '%s' "\${words#"$interpreter"}" | sed "s/^[ $tab]*//")`;

/** What came of asking a guest: what it printed, or why nothing is known; neither when nothing came in time. */
export interface Reply {
  readonly printed?: string;
  readonly failure?: unknown;
}

/**
 * Has a guest run a script by Run Command. Waits until `limit` is aborted: the command never ends when
 * the agent stops before it has reported (azure-sdk-for-net#13879, WALinuxAgent#3547).
 */
export async function runInGuest(
  { compute, signal }: StepContext,
  vm: string,
  script: string,
  limit: AbortSignal,
  osType?: OsType,
): Promise<Reply> {
  try {
    const running = compute.runScript(vm, script, limit, osType);
    return { printed: await Promise.race([running, aborted(limit)]) };
  } catch (failure) {
    signal.throwIfAborted();
    return limit.aborted ? {} : { failure };
  }
}
