import type { AzureError } from './azure-error.ts';

/** A policy that forbade a request, as far as Azure names it. */
interface Violation {
  readonly definition: string;
  readonly assignment: string | undefined;
}

/** A name and an ID, as the error's message lists them. */
interface Named {
  readonly name?: string;
  readonly id?: string;
}

/**
 * Says which policies forbade a request, and what to do. Azure tells it twice: in `additionalInfo`
 * of type `PolicyViolation`, and as JSON in the message after "Policy identifiers:"
 * (vscode-apimanagement#348, azure-monitor-baseline-alerts#906); old answers have only the latter.
 */
export function describePolicy(error: AzureError, doing: string): { why?: string; remedy: string } {
  const remedy = remedyFor(doing);
  const violations = fromInfo(error).length > 0 ? fromInfo(error) : fromMessage(error.message);
  if (violations.length === 0) return { remedy };
  const names = violations.map(({ definition }) => `"${definition}"`).join(' and ');
  const assignments = violations.flatMap(({ assignment }) => assignment ?? []);
  const where = assignments.length > 0 ? ` (assigned as ${assignments.join(', ')})` : '';
  const many = violations.length > 1;
  return {
    why: `The Azure ${many ? 'policies' : 'policy'} ${names}${where} ${many ? 'forbid' : 'forbids'} the resource as it was sent.`,
    remedy,
  };
}

const EXEMPT = 'ask whoever owns the assignment for an exemption of';

/** What to do by what was refused: no input of this action reaches the build VM. */
function remedyFor(doing: string): string {
  if (/^delete /.test(doing)) return `Delete it by other means, or ${EXEMPT} its resource group.`;
  if (/^(create|change) image version /.test(doing))
    return `Send what the policy asks for: tags in \`tags\`, regions in \`target-regions\`, and a customer-managed key as the \`encryption\` of each region there. Otherwise ${EXEMPT} the gallery's resource group.`;
  if (/^take snapshot /.test(doing))
    return `Tags that the policy asks for go into \`tags\`. Otherwise do without snapshots (\`snapshot\`, \`capture-from\`), or ${EXEMPT} the resource group of the VM.`;
  if (/^make managed image /.test(doing))
    return `Tags that the policy asks for go into \`tags\`. Otherwise ${EXEMPT} the resource group of the VM.`;
  return `The input \`tags\` does not reach the VM. Have the build give the VM what the policy asks for, such as its tags, or ${EXEMPT} the VM.`;
}

const fromInfo = ({ additionalInfo = [] }: AzureError): Violation[] =>
  additionalInfo
    .filter(({ type }) => type === 'PolicyViolation')
    .flatMap(({ info = {} }) => {
      const text = (name: string): string | undefined =>
        typeof info[name] === 'string' ? info[name] : undefined;
      const definition = text('policyDefinitionDisplayName') ?? text('policyDefinitionName');
      const assignment = text('policyAssignmentId') ?? text('policyAssignmentName');
      return definition ? [{ definition, assignment }] : [];
    });

function fromMessage(message = ''): Violation[] {
  const [, list = '[]'] = /Policy identifiers:\s*'(\[.*?\])'/s.exec(message) ?? [];
  try {
    const all = JSON.parse(list) as { policyDefinition?: Named; policyAssignment?: Named }[];
    return all.flatMap(({ policyDefinition, policyAssignment }) =>
      policyDefinition?.name
        ? [{ definition: policyDefinition.name, assignment: policyAssignment?.id }]
        : [],
    );
  } catch {
    return [];
  }
}
