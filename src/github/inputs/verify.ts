import { defined } from '../../domain/defined.ts';
import type { VerifyRequest } from '../../domain/request.ts';
import { formatResourceId, resourceIdOf } from '../../domain/resource-id.ts';
import type { VerifySettings } from '../../domain/verification.ts';
import { readSourceVersion, type Scope } from './places.ts';
import type { InputReader } from './reader.ts';

/**
 * How to verify; `undefined` when a mistake was noted that leaves it open.
 *
 * @param place of the VM that is captured; without a subscription the subnet's counts
 */
export function readVerifySettings(reader: InputReader, place: Scope): VerifySettings | undefined {
  const subnet = reader.required('verify-subnet');
  if (!subnet) return undefined;
  const { subscriptionId = subnet.subscriptionId } = place;
  if (subscriptionId.toLowerCase() !== subnet.subscriptionId.toLowerCase())
    reader.mistake(
      `\`verify-subnet\` is in the subscription ${subnet.subscriptionId}, but the throw-away VM is made in ${subscriptionId}. Azure connects a VM only to a subnet of its own subscription. Give one there.`,
    );
  const group = reader.value('verify-resource-group') ?? place.resourceGroup;
  if (!group) return undefined;
  return defined({
    subnet: formatResourceId(subnet),
    group: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
    timeoutSeconds: reader.value('verify-timeout-minutes'),
    onFailure: reader.value('verify-on-failure'),
    script: reader.value('verify-script'),
    size: reader.value('verify-vm-size'),
  });
}

/** What to verify, and how; `undefined` when a mistake was noted that leaves it open. */
export function readVerify(reader: InputReader): VerifyRequest | undefined {
  const found = readSourceVersion(reader, false);
  const resourceGroup =
    reader.value('resource-group') ?? (found && resourceIdOf(found.definition).resourceGroup);
  const verify = readVerifySettings(reader, { resourceGroup });
  return found && verify && { operation: 'verify', ...found, verify };
}
