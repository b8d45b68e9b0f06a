/**
 * Escape sequences of terminals (ECMA-48; systemd's "OSC 3008: Hierarchical Context Signalling",
 * https://systemd.io/OSC_CONTEXT) and other control characters. Every part is bounded, so that the time
 * stays linear whatever the log holds.
 */
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  /\u001b\][^\u0007\u001b]{0,1024}(?:\u0007|\u001b\\)|\u001b[[(#][0-9;?]{0,32}[ -/]{0,4}[0-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** What a serial console shows, without what acts on a terminal. */
export const consoleText = (text: string): string => text.replace(CONTROL, '');
