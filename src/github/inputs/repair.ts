import type { WaitFor } from '../../domain/request.ts';
import { parseFlag } from './fields.ts';
import type { InputReader } from './reader.ts';

/** Whether regions that fail twice may be taken away and added again. */
export function readRepair(reader: InputReader, waitFor: WaitFor): boolean {
  const repairs = reader.optional('repair-regions', parseFlag) ?? false;
  if (repairs && waitFor === 'none')
    reader.mistake(
      '`repair-regions` is true, but with `wait-for: none` nobody is there to see a region fail. Wait, or remove it.',
    );
  if (repairs && /^shallow$/i.test(reader.text('replication-mode') ?? ''))
    reader.mistake(
      '`repair-regions` is true, but a version with `replication-mode: Shallow` has its home region alone, which is never taken away. Remove one of them.',
    );
  return repairs;
}
