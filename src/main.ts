import { runMain } from './action.ts';
import { isPost, tellFault } from './github/runner.ts';
import { runPost } from './post.ts';

try {
  if (isPost()) await runPost();
  else await runMain();
} catch (thrown) {
  tellFault(thrown);
}
