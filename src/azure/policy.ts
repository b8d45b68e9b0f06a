import { policyRemedy } from '../plan/needed-rights.ts';
import type { AzureError } from './wire.ts';

interface Violation {
  readonly definition: string;
  readonly assignment: string | undefined;
}

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
  const remedy = policyRemedy(doing);
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
