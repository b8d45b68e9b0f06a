import { runMain } from './action.ts';
import { asFailure } from './domain/failure.ts';
import { isPost, tell } from './github/runner.ts';
import { runPost } from './post.ts';

try {
  if (isPost()) await runPost();
  else await runMain();
} catch (thrown) {
  // What nobody foresaw, and what stopped the report itself.
  tell(asFailure(thrown).message, 'error');
  process.exitCode = 1;
}
