import {
  CONFIDENTIAL_ENCRYPTIONS,
  encryptionSetsOf,
  type RegionEncryption,
} from '../../domain/encryption.ts';
import { parseResourceId } from '../../domain/resource-id.ts';
import { type Parsed, problem, value } from './parse.ts';

/** Which fields an object of ARM's `encryption` may have, and of which kind. */
type Shape = { readonly [field: string]: 'text' | 'number' | Shape | readonly [Shape] };

const SHAPE: Shape = {
  osDiskImage: {
    diskEncryptionSetId: 'text',
    securityProfile: {
      confidentialVMEncryptionType: 'text',
      secureVMDiskEncryptionSetId: 'text',
    },
  },
  dataDiskImages: [{ lun: 'number', diskEncryptionSetId: 'text' }],
};

/** Reads a region's `encryption` as YAML gave it: ARM's own shape, every field known. */
export function parseEncryption(given: unknown): Parsed<RegionEncryption> {
  const misshapen = misfit(given, SHAPE, '');
  if (misshapen) return problem(misshapen);
  const encryption = given as RegionEncryption;
  const wrong = encryptionSetsOf(encryption).find((id) => !isEncryptionSet(id));
  if (wrong)
    return problem(`with "${wrong}", which is not the resource ID of a disk encryption set`);
  const luns = (encryption.dataDiskImages ?? []).map(({ lun }) => lun);
  if (luns.some((lun) => lun === undefined)) return problem('with a data disk that has no `lun`');
  const twice = luns.find((lun, index) => luns.indexOf(lun) !== index);
  if (twice !== undefined) return problem(`that names LUN ${twice} twice`);
  return confidential(encryption);
}

function confidential(encryption: RegionEncryption): Parsed<RegionEncryption> {
  const profile = encryption.osDiskImage?.securityProfile;
  if (!profile) return value(encryption);
  const { confidentialVMEncryptionType: type, secureVMDiskEncryptionSetId: set } = profile;
  if (!type || !CONFIDENTIAL_ENCRYPTIONS.includes(type))
    return problem(
      `whose confidentialVMEncryptionType is not one of ${CONFIDENTIAL_ENCRYPTIONS.join(', ')}`,
    );
  if ((type === 'EncryptedWithCmk') !== (set !== undefined))
    return problem(
      'that does not go together: EncryptedWithCmk needs secureVMDiskEncryptionSetId, and nothing else takes it',
    );
  return value(encryption);
}

/** Where a value does not have its shape, in words; `undefined` when it has. */
function misfit(given: unknown, shape: Shape, path: string): string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return `where ${path || 'it'} is not an object`;
  for (const [field, member] of Object.entries(given)) {
    const at = path ? `${path}.${field}` : field;
    const wanted = Object.hasOwn(shape, field) ? shape[field] : undefined;
    if (wanted === undefined) return `with ${at}, which ARM does not know`;
    const wrong = misfitOf(member, wanted, at);
    if (wrong) return wrong;
  }
  return undefined;
}

function misfitOf(member: unknown, wanted: NonNullable<Shape[string]>, at: string) {
  if (wanted === 'text') return typeof member === 'string' ? undefined : `where ${at} is no text`;
  if (wanted === 'number')
    return Number.isInteger(member) ? undefined : `where ${at} is no whole number`;
  if (!isList(wanted)) return misfit(member, wanted, at);
  if (!Array.isArray(member)) return `where ${at} is not a list`;
  const [each] = wanted;
  return member
    .map((item: unknown, index) => misfit(item, each, `${at}[${index}]`))
    .find((wrong) => wrong !== undefined);
}

const isList = (shape: Shape | readonly [Shape]): shape is readonly [Shape] => Array.isArray(shape);

const isEncryptionSet = (id: string): boolean =>
  parseResourceId(id)?.type.toLowerCase() === 'microsoft.compute/diskencryptionsets';
