/** What the tests of access share: a world with roles, and refusals. */
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { type JsonObject, textAt } from '../src/json.ts';
import { idOf } from '../src/world-parts.ts';
import { arm, GROUP } from './sdk.ts';

/** A fresh local Azure whose identity gets what is granted and nothing else. */
export class Guarded {
  readonly azure: LocalAzure = createLocalAzure();
  /** The default world's group. */
  readonly group = `/subscriptions/${this.azure.subscriptionId}/resourceGroups/${GROUP}`;
  #roles = 0;

  /** Assigns a role of these permissions; to everybody when no principal is named. */
  grant(scope: string, permission: JsonObject, principalId?: string): void {
    const name = `00000000-0000-4000-8000-${String(++this.#roles).padStart(12, '0')}`;
    const id = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
    const put = (each: string, properties: JsonObject) =>
      this.azure.world.put({
        id: each,
        name,
        type: each.split('/').slice(-3, -1).join('/'),
        properties,
      });
    put(id, { permissions: [permission] });
    put(id.replace('roleDefinitions', 'roleAssignments'), {
      roleDefinitionId: id,
      ...(principalId !== undefined && { principalId }),
    });
  }

  /** Allows these actions in the group. */
  may(...actions: string[]): void {
    this.grant(this.group, { actions });
  }

  /** Status, and what the error says if it is one. */
  async refusal(method: string, path: string, body?: unknown) {
    const answer = await arm(this.azure, method, path, body);
    return {
      status: answer.status,
      code: textAt(answer.body, 'error', 'code'),
      message: textAt(answer.body, 'error', 'message') ?? '',
    };
  }

  /** The ID of something in the group. */
  id(type: string, ...names: string[]): string {
    const { subscriptionId } = this.azure;
    return idOf({ subscriptionId, resourceGroup: GROUP, location: '' }, type, ...names);
  }
}
