/**
 * The `post` of the action. GitHub starts it also where `main` was killed before it could save that it had
 * begun (actions/runner src/Runner.Worker/ActionRunner.cs). The bundle would take itself for `main` then,
 * and do the work of a job that was cancelled.
 */
process.env.STATE_main = 'true';
await import('./dist/index.js');
