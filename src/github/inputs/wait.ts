import type { WaitFor, WaitRequest } from '../../domain/request.ts';
import { parseChoice } from './fields.ts';
import type { InputReader, InputSource } from './reader.ts';
import { readSourceVersion } from './source-version.ts';

/** What to wait for; `undefined` when a mistake was noted that leaves it open. */
export function readWait(reader: InputReader, source: InputSource): WaitRequest | undefined {
  const waits = parseChoice<WaitFor>('replicated', 'home');
  const waitFor = reader.optional('wait-for', waits) ?? 'replicated';
  const found = readSourceVersion(reader, source, false);
  return found && { operation: 'wait', ...found, waitFor };
}
