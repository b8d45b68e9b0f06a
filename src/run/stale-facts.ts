/** What was planned no longer fits what is there; the next round plans anew. */
export class StaleFacts extends Error {}

/**
 * Azure's refusal of a list of regions that another writer has made longer meanwhile: "Complete set
 * of target locations not specified" (errors.json `version.incomplete_regions`).
 */
export const isStaleList = ({ message }: Error): boolean =>
  /complete set of target locations not specified/i.test(message);
