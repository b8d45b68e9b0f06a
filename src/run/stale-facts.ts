/** What was planned no longer fits what is there; the next round plans anew. */
export class StaleFacts extends Error {}
