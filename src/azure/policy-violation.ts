import { policyRemedy } from '../plan/policy-remedy.ts';
import type { AzureError } from './wire.ts';

/**
 * Says which policies forbade a request, and what to do. Azure tells it twice: in `additionalInfo`
 * of type `PolicyViolation`, and as JSON in the message after "Policy identifiers:"
 * (vscode-apimanagement#348, azure-monitor-baseline-alerts#906); old answers have only the latter.
 */
export function describePolicy(error: AzureError, doing: string): { why?: string; remedy: string } {
  const remedy = policyRemedy(doing);
  const told = violationsInInfo(error);
  const violations = told.length > 0 ? told : violationsInMessage(error.message);
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

const violationsInInfo = ({ additionalInfo = [] }: AzureError) =>
  additionalInfo
    .filter(({ type }) => type === 'PolicyViolation')
    .flatMap(({ info = {} }) => {
      const text = (name: string): string | undefined =>
        typeof info[name] === 'string' ? info[name] : undefined;
      const definition = text('policyDefinitionDisplayName') ?? text('policyDefinitionName');
      const assignment = text('policyAssignmentId') ?? text('policyAssignmentName');
      return definition ? [{ definition, assignment }] : [];
    });

function violationsInMessage(message = '') {
  const [, list = '[]'] = /Policy identifiers:\s*'(\[.*?\])'/s.exec(message) ?? [];
  try {
    const all = JSON.parse(list) as Record<
      'policyDefinition' | 'policyAssignment',
      { name?: string; id?: string } | undefined
    >[];
    return all.flatMap(({ policyDefinition, policyAssignment }) =>
      policyDefinition?.name
        ? [{ definition: policyDefinition.name, assignment: policyAssignment?.id }]
        : [],
    );
  } catch {
    return [];
  }
}
