import { runMain, runPost } from './action.ts';
import { isPost } from './github/journal.ts';

if (isPost()) runPost();
else await runMain();
