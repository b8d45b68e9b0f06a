/** The disks of one VM differ in name and place. */
import { type ArmError, invalidParameter } from '../errors.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';

/**
 * The refusal of a storage profile in which two disks have the same name, or two data disks the same
 * LUN. That both are refused is known from azure-cli's scenario tests; wording invented.
 */
export function alikeDisks(properties: JsonObject): ArmError | undefined {
  const profile = objectAt(properties, 'storageProfile');
  const dataDisks = objectsAt(profile, 'dataDisks').filter(
    ({ toBeDetached }) => toBeDetached !== true,
  );
  const names = [objectAt(profile, 'osDisk'), ...dataDisks].flatMap(
    (entry) => textAt(entry, 'name')?.toLowerCase() ?? [],
  );
  const name = repeated(names);
  if (name !== undefined) {
    const message = `Disk name '${name}' is used by more than one disk of the VM.`;
    return invalidParameter(message, 'dataDisk.name');
  }
  const lun = repeated(dataDisks.flatMap((entry) => entry.lun ?? []));
  if (lun === undefined) return undefined;
  return invalidParameter(`LUN '${lun}' is used by more than one data disk.`, 'dataDisk.lun');
}

function repeated<Value>(values: readonly Value[]): Value | undefined {
  return values.find((value, index) => values.indexOf(value) < index);
}
