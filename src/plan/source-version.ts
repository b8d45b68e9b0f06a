import { asked } from '../domain/closest.ts';
import type { Finding } from '../domain/finding.ts';
import { nameOf } from '../domain/resource-id.ts';

/* Why there is no version to begin with, for operations that take one as it is. */

/** `latest` was asked for, and there is none. */
export const noLatest = (definition: string, near?: string): Finding => ({
  rule: 'source-no-latest',
  severity: 'error',
  message: `The image definition ${nameOf(definition)} has no latest version: it has none at all, or each one is excluded from latest or not Succeeded.${asked(near)}`,
  remedy: 'Give the number of a version.',
});

/** The version that was named is not there. */
export const noSource = (id: string, near?: string): Finding => ({
  rule: 'source-missing',
  severity: 'error',
  message: `The image version ${id} does not exist, or this identity lacks permission to read it.${asked(near)}`,
  remedy:
    'Check `source-image-version`, and that the identity has Microsoft.Compute/galleries/images/versions/read there.',
});
