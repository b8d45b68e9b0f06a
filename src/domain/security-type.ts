/**
 * The security types that are known: values of the definition's feature `SecurityType`, and where a
 * definition takes a VM, of the VM's `securityProfile.securityType`.
 *
 * "Currently only Vhd Blob, User Image and Gallery Image Version sources are supported" is Azure's
 * answer to a VM for a definition that only supports a type.
 *
 * - `guestState`: whether images of it carry the state of the guest's firmware and vTPM, which others
 *   cannot have.
 * - `takes`: what a definition of this type takes as the source of a version: a VM of just this type, or,
 *   where it only supports a security type and demands none, no VM at all but images and disks.
 */
export const SECURITY_TYPES = {
  Standard: { guestState: false, takes: 'vm' },
  TrustedLaunch: { guestState: true, takes: 'vm' },
  ConfidentialVM: { guestState: true, takes: 'vm' },
  TrustedLaunchSupported: { guestState: false, takes: 'images' },
  ConfidentialVMSupported: { guestState: false, takes: 'images' },
  TrustedLaunchAndConfidentialVmSupported: { guestState: false, takes: 'images' },
} as const;

/** What is known of a security type that Azure names; `undefined` for one that is new to us. */
export const securityTypeOf = (name: string) =>
  Object.hasOwn(SECURITY_TYPES, name)
    ? SECURITY_TYPES[name as keyof typeof SECURITY_TYPES]
    : undefined;

const is = (type: keyof typeof SECURITY_TYPES) => (name: string) => name === type;

/** Whether this is the security type of confidential VMs. */
export const isConfidential = is('ConfidentialVM');

/** Whether this is the security type of Trusted Launch VMs. */
export const isTrustedLaunch = is('TrustedLaunch');

/** Whether a definition only supports a security type, and takes no VM as a source. */
export const onlySupports = (name: string): boolean => securityTypeOf(name)?.takes === 'images';

/** The security type of a VM that a definition takes; `undefined` when it takes none, or is unknown. */
export const takesVmOf = (name: string): string | undefined =>
  securityTypeOf(name)?.takes === 'vm' ? name : undefined;

/**
 * Whether a definition takes a version of a definition of this security type. Images of Trusted
 * Launch and confidential VMs carry guest state, and only a definition of just their type takes
 * that, and nothing else; images without may go into any other, such as from `Standard` into
 * `TrustedLaunchSupported`.
 *
 * @returns `undefined` when either type is not known: only Azure can tell
 */
export function takesVersionOf(definition: string, ofSource: string): boolean | undefined {
  if (definition === ofSource) return true;
  const [one, other] = [securityTypeOf(definition), securityTypeOf(ofSource)];
  return one && other && !one.guestState && !other.guestState;
}
