const EXEMPT = 'ask whoever owns the assignment for an exemption of';

/**
 * What to do about a policy by what it forbids: no input of this action reaches the build VM.
 *
 * @param doing completes "Azure could not …"
 */
export function policyRemedy(doing: string): string {
  if (/^delete /.test(doing)) return `Delete it by other means, or ${EXEMPT} its resource group.`;
  if (/^(create|change) image version /.test(doing))
    return `Send what the policy asks for: tags in \`tags\`, regions in \`target-regions\`, and a customer-managed key as the \`encryption\` of each region there. Otherwise ${EXEMPT} the gallery's resource group.`;
  if (/^take snapshot /.test(doing))
    return `Tags that the policy asks for go into \`tags\`. Otherwise leave out snapshots (\`snapshot\`, \`capture-from\`), or ${EXEMPT} the resource group of the VM.`;
  if (/^make managed image /.test(doing))
    return `Tags that the policy asks for go into \`tags\`. Otherwise ${EXEMPT} the resource group of the VM.`;
  if (/^make VM /.test(doing))
    return 'Exempt the throw-away VM from the policy, or name a group that it does not cover as `verify-resource-group`.';
  return `The input \`tags\` does not reach the VM. Let the build give the VM what the policy asks for, such as its tags, or ${EXEMPT} the VM.`;
}
