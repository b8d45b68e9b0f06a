import type { WaitRequest } from '../../domain/request.ts';
import type { InputReader } from './reader.ts';
import { readSourceVersion } from './source-version.ts';

/** What to wait for; `undefined` when a mistake was noted that leaves it open. */
export function readWait(reader: InputReader): WaitRequest | undefined {
  const found = readSourceVersion(reader, false);
  return found && { operation: 'wait', ...found, waitFor: reader.value('wait-for') };
}
