// Loaded into the action: notes at its end how much memory it had at most, in KB. The maximum that
// `process.resourceUsage` tells would include that of the process that started this one.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';

process.on('exit', () => {
  const status = existsSync(STATUS) ? readFileSync(STATUS, 'utf8') : '';
  const peak = /^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? process.memoryUsage().rss / 1024;
  appendFileSync(process.env.PEAK_MEMORY_FILE, `${peak}\n`);
});
