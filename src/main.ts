import { runMain } from './action.ts';
import { isPost } from './github/runner.ts';
import { runPost } from './post.ts';

if (isPost()) await runPost();
else await runMain();
