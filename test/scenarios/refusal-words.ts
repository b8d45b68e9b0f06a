import type { AzureAnswer } from '../../src/plan/preflight/rule.ts';

/** What a refusal is about, where Azure's words are not known and the local Azure's are invented. */
const INVENTED: Readonly<Record<string, RegExp>> = {
  'vm-tags-full': /51 tags/,
  'disk-guest-encrypted': /Azure Disk Encryption/,
  'snapshot-quota': /500 incremental snapshots/,
  'snapshot-rate': /7 incremental snapshots in 5 minutes/,
  'snapshot-write-accelerator': /Write Accelerator/,
  'definition-architecture': /different architecture/,
  'definition-disk-controller': /disk controller type \['NVMe'\]/,
  'definition-accelerated-network': /accelerated networking/,
  'verify-size-unfit': /CPU Architecture of/,
  'replicas-total': /100 replicas, not 101/,
  'shallow-regions': /'Shallow' allows only one target region/,
  'encryption-customer-key': /customer-managed key, and target region/,
  'encryption-set-region': /must be in the region/,
  'source-not-ready': /Source .* is not found/,
  'source-customer-key': /customer-managed key and cannot be copied/,
  'source-shallow': /'Shallow' and cannot be copied/,
  'region-storage-fixed': /targetRegions.storageAccountType' is not allowed/,
  'region-encryption-fixed': /targetRegions.encryption' is not allowed/,
  'tags-full': /51 tags/,
};

/** What a rule's refusal by Azure has in it: pieces between names and numbers, or what it is about. */
export const wordsOf = (rule: string, azure: AzureAnswer): RegExp[] =>
  'says' in azure
    ? azure.says.split('…').map((piece) => new RegExp(RegExp.escape(piece.trim())))
    : [INVENTED[rule] ?? /^no words are known of it$/];

/** A failure with what caused it: the failure can say in other words what Azure answered. */
export const inAzuresWords = (failure: unknown): string =>
  failure instanceof Error ? `${failure.message}\n${inAzuresWords(failure.cause)}` : '';
