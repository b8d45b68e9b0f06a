import type { PromoteRequest } from '../../domain/request.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import type { PromoteSurvey } from '../resolve-promote.ts';
import type { Rule } from './rule.ts';

/** What the rules of a promotion look at. */
export interface PromoteFacts {
  readonly request: PromoteRequest;
  readonly survey: PromoteSurvey;
  readonly target: PromoteTarget | undefined;
}

export type PromoteRule = Rule<PromoteFacts>;
