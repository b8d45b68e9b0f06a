/**
 * The main job, without an Azure account: starts the local Azure, sixty times as fast as the real
 * one, and runs the shipped bundle against it as GitHub's runner would.
 */
import { defaultInputs } from '../test/runner/default-inputs.ts';
import { startLocalAzure } from '../test/runner/local-azure-process.ts';
import { logRenderer } from '../test/runner/render.ts';
import { runAction } from '../test/runner/run-action.ts';

const say = (text = '') => process.stdout.write(`${text}\n`);

await using azure = await startLocalAzure('--speed', '60');
say('Azure Golden Image, the demo: nothing here leaves this machine.');
say(`A local Azure listens on ${azure.endpoint}; a minute there passes in a second.`);
say('The action now captures its Linux build VM into three regions.\n');

const render = logRenderer();
const inputs = {
  ...defaultInputs(azure),
  'target-regions': 'West Europe=3\nnortheurope=2=Premium_LRS\neastus2',
  snapshot: 'true',
  'end-of-life': '6mo',
  tags: 'cost-center=4711',
  'poll-interval': '0.2',
};
const run = await runAction({
  inputs,
  env: azure.env,
  onLine: (line) => {
    const text = render(line);
    if (text !== undefined) say(text);
  },
});

say(`\n── Outputs ${'─'.repeat(60)}`);
for (const [name, value] of Object.entries(run.outputs))
  if (value !== '' && value !== '{}')
    say(`${name} = ${name === 'plan' ? `${value.slice(0, 100)}…` : value}`);
say(`\n── Job summary (Markdown, as GitHub gets it) ${'─'.repeat(26)}`);
say(run.summary);
say('Typical times are those of Azure; this one was sixty times as fast.');
say(
  'Run the same yourself: `npm run azure` starts the local Azure; docs/try-it.md says how to use it.',
);
process.exitCode = run.exitCode ?? 1;
