import { isOurs } from '../../domain/claim.ts';
import type { Finding, Need, Severity, Unchecked } from '../../domain/finding.ts';
import { defined } from '../../domain/plain-objects.ts';
import { isConfidential } from '../../domain/security-type.ts';
import type { Checked, RuleContext } from './context.ts';

/** What Azure itself does where the rule speaks. */
export type AzureAnswer =
  /** Its own message, abridged: `…` stands for names and numbers. */
  | { readonly says: string }
  /** It refuses, but its words are found nowhere: what is known instead, with the source. */
  | { readonly refuses: string }
  /** It refuses nothing, or nobody knows: why the rule speaks all the same. */
  | { readonly accepts: string };

/** What was found to be wrong; what to do, where that is said more exactly than by the rule's own `remedy`. */
type Found = Pick<Finding, 'message' | 'mismatch'> & Partial<Pick<Finding, 'remedy'>>;

/** What a check says: what was found to be wrong, its message alone, or that nothing was. */
export type Answer = Found | string | false | undefined;

/** One cause of failure that can be known beforehand, in these operations. */
export interface Rule<O extends Checked = Checked> {
  readonly severity: Severity;
  /** On a dry run, where that differs. */
  readonly dryRunSeverity?: Severity;
  /** Completes "Applies when …" in docs/preflight.md. */
  readonly when: string;
  readonly azure: AzureAnswer;
  /** The context it looks at, as docs/preflight.md names them. */
  readonly looksAt: readonly string[];
  readonly remedy: string;
  readonly needs?: readonly Need[];
  /** Whether there is an answer to look at; where nobody asked, the rule neither passes nor lacks one. */
  isAsked?(context: RuleContext<O>): boolean;
  /** What is wrong; nothing when all is well or the matter does not arise. */
  check(context: RuleContext<O>): Answer;
}

/** Rules by their IDs, which are stable, so that they can be searched for. */
export type Rules<O extends Checked = Checked> = Readonly<Record<string, Rule<O>>>;

export interface Judgement {
  /** Errors first. */
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** How many rules found nothing. */
  readonly passed: number;
}

/** Judges by all rules: every finding at once, errors first, else in the rules' order. */
export function judge<O extends Checked>(
  rules: readonly (Rule<O> & { readonly id: string })[],
  context: RuleContext<O>,
): Judgement {
  const weight: Record<Severity, number> = { error: 0, warning: 1, notice: 2 };
  const findings: Finding[] = [];
  const unchecked: Unchecked[] = [];
  const asked = rules.filter((rule) => rule.isAsked?.(context) ?? true);
  for (const rule of asked) {
    const lacks = rule.needs?.find((need) => context.lacks[need]);
    if (lacks) {
      unchecked.push({ rule: rule.id, lacks });
      continue;
    }
    const answer = rule.check(context);
    if (!answer) continue;
    const severity = (context.dryRun && rule.dryRunSeverity) || rule.severity;
    const { message, remedy = rule.remedy, mismatch } = foundIn(answer);
    const told = { rule: rule.id, severity, title: titleOf(rule), message, remedy, mismatch };
    findings.push(defined(told));
  }
  findings.sort((a, b) => weight[a.severity] - weight[b.severity]);
  return { findings, unchecked, passed: asked.length - findings.length - unchecked.length };
}

/** What an answer that says something says. */
export const foundIn = (answer: Found | string): Found =>
  typeof answer === 'string' ? { message: answer } : answer;

/** When the rule speaks, in plain text and without what is in brackets. */
const titleOf = ({ when }: { readonly when: string }): string =>
  when.replace(/ \([^)]*\)/g, '').replaceAll('`', '');

/** What a rule can be about: how it is found, and what else its rules cannot judge without. */
const THINGS = {
  /** The VM that is captured or comes back, while there is something to do to it. */
  vm: { needs: ['vm'], find: ({ made, inventory }) => !made && inventory.vm },
  /** The same while this run has not begun to deprovision it. */
  unchangedVm: {
    needs: ['vm'],
    find: ({ made, changedByUs, inventory }) => !made && !changedByUs && inventory.vm,
  },
  /** The same that comes back: of a restore, or of a capture with `after-capture: restore`. */
  returningVm: {
    needs: ['vm'],
    find: ({ made, request, inventory }) =>
      !made &&
      (request.operation === 'restore' ||
        (request.operation === 'capture' && request.afterCapture === 'restore')) &&
      inventory.vm,
  },
  /** Of a capture that has still to make its version. */
  vmAndDefinition: {
    needs: ['vm'],
    find: ({ made, inventory: { vm, definition }, disks: [osDisk] }) =>
      !made && vm && definition && { vm, definition, osDisk },
  },
  /** The version that is promoted. */
  source: { needs: ['source'], find: ({ inventory }) => inventory.source },
  /** The same where it is copied into another definition. */
  copiedSource: {
    needs: ['source'],
    find: (context) => isCopy(context) && context.inventory.source,
  },
  /** The same where it is changed in its own place. */
  sourceInPlace: {
    needs: ['source'],
    find: (context) => !isCopy(context) && context.inventory.source,
  },
  /** The definition to copy to, and that of the source, which is only read for a copy. */
  definitions: {
    needs: ['source'],
    find: ({ inventory: { definition, sourceDefinition: source } }) =>
      definition && source && { definition, source },
  },
  /** The version that has the number already, and was not made by this run. */
  namesake: {
    needs: ['source'],
    find: ({ request, target, made, version, inventory }) => {
      const there = inventory.versions.find(({ name }) => name === version);
      if (request.operation === 'capture') return !made && there;
      if (target?.operation !== 'promote' || !target.order || !there) return undefined;
      return !isOurs(target.claim, there) && there;
    },
  },
  /** What is confidential, as a sentence begins, and the region that its guest state cannot leave. */
  confidential: {
    needs: ['vm', 'source', 'definition'],
    find: ({ request, target, made, added, inventory: { vm, definition } }) => {
      if (request.operation === 'capture')
        return (
          !made &&
          vm &&
          isConfidential(vm.securityType) && {
            what: `\`${vm.name}\` is a confidential VM`,
            home: vm.location,
          }
        );
      return (
        target &&
        added.length > 0 &&
        isConfidential(definition?.securityType ?? '') && {
          what: 'The image definition is for confidential VMs',
          home: target.location,
        }
      );
    },
  },
  /** The throw-away VM that is to be made. */
  throwAwayVm: { needs: [], find: ({ inventory }) => inventory.surroundings },
  /** Whatever there is, while a version is still to be made. */
  newVersion: { needs: [], find: (context) => !context.made && context },
  /** The same where a version is copied into another definition. */
  copy: { needs: [], find: (context) => isCopy(context) && context },
} as const satisfies Readonly<
  Record<string, { readonly needs: readonly Need[]; find(context: RuleContext): unknown }>
>;

function isCopy({ request }: RuleContext): boolean {
  return request.operation === 'promote' && request.destination !== undefined;
}

type Thing<S extends keyof typeof THINGS> = Exclude<
  ReturnType<(typeof THINGS)[S]['find']>,
  false | undefined
>;

/** Makes a rule about one thing, which its check gets: it is moot where that is not found. */
export function about<S extends keyof typeof THINGS, O extends Checked>(
  thing: S,
  rule: Omit<Rule<O>, 'check'> & {
    check(thing: Thing<S>, context: RuleContext<O>): Answer;
  },
): Rule<O> {
  const { needs, find } = THINGS[thing];
  return {
    ...rule,
    needs: [...needs, ...(rule.needs ?? [])],
    check: (context) => {
      const found = find(context) as Thing<S> | false | undefined;
      return found && rule.check(found, context);
    },
  };
}
