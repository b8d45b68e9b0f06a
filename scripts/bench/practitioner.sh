#!/usr/bin/env bash
# The capture as somebody who knows the Azure CLI well would write it: snapshots of all disks at once,
# deallocate, generalize, a version in all regions, wait until each has it. What takes time is begun
# with --no-wait and watched every five seconds, because a command that waits by itself looks only
# when Azure's Retry-After or its own half minute is over.
#
# With a subnet, the version is proven before it enters `latest`: a VM of it boots in its first region
# while the others still copy, its agent reports, and a script runs in it.
#
# usage: [SUBNET=<id>] practitioner.sh <group> <vm> <gallery> <definition> <version> <mode> <region>...
# The CLI is signed in already, as after azure/login. Prints the version's ID.
set -euo pipefail
group=$1 vm=$2 gallery=$3 definition=$4 version=$5 mode=$6
shift 6
export AZURE_CORE_OUTPUT=tsv AZURE_CORE_ONLY_SHOW_ERRORS=true
every=(--interval 5 --timeout 20000)

ids=$(az vm show --resource-group "$group" --name "$vm" \
  --query '[id, storageProfile.osDisk.managedDisk.id, storageProfile.dataDisks[].managedDisk.id][]')
mapfile -t ids <<< "$ids"

running=()
for disk in "${ids[@]:1}"; do
  name=${disk##*/}-before-$version
  {
    az snapshot create --resource-group "$group" --name "$name" --source "$disk" --incremental true --no-wait
    az snapshot wait --resource-group "$group" --name "$name" --created "${every[@]}"
  } &
  running+=($!)
done
for job in "${running[@]}"; do wait "$job"; done

az vm deallocate --resource-group "$group" --name "$vm" --no-wait
az vm wait --resource-group "$group" --name "$vm" "${every[@]}" \
  --custom "instanceView.statuses[?code=='PowerState/deallocated']"
az vm generalize --resource-group "$group" --name "$vm"

of=(--resource-group "$group" --gallery-name "$gallery" --gallery-image-definition "$definition"
  --gallery-image-version "$version")
az sig image-version create "${of[@]}" --virtual-machine "${ids[0]}" --replication-mode "$mode" \
  --target-regions "$@" ${SUBNET:+--exclude-from-latest true} --no-wait

if [ -n "${SUBNET:-}" ]; then
  az sig image-version wait "${of[@]}" --expand ReplicationStatus "${every[@]}" \
    --custom "properties.replicationStatus.summary[0].state=='Completed'"
  image=$(az sig image-version show "${of[@]}" --query id)
  check=(--resource-group "$group" --name "check-${version//./-}")
  keys=$(mktemp -d)
  trap 'rm -rf "$keys"' EXIT
  ssh-keygen -q -t ed25519 -N '' -f "$keys/key"
  az vm create "${check[@]}" --image "$image" --security-type TrustedLaunch --subnet "$SUBNET" \
    --size Standard_D2s_v5 \
    --public-ip-address '' --nsg '' --admin-username check --ssh-key-values "$keys/key.pub" \
    --os-disk-delete-option Delete --data-disk-delete-option Delete --nic-delete-option Delete > "$keys/made"
  az vm wait "${check[@]}" "${every[@]}" \
    --custom "instanceView.vmAgent.statuses[?code=='ProvisioningState/succeeded']"
  said=$(az vm run-command invoke "${check[@]}" --command-id RunShellScript \
    --scripts 'test -d /etc && echo it works' --query 'value[0].message')
  [[ $said == *'it works'* ]]
  az vm delete "${check[@]}" --yes
fi

az sig image-version wait "${of[@]}" --expand ReplicationStatus "${every[@]}" \
  --custom "properties.provisioningState=='Succeeded' && properties.replicationStatus.aggregatedState=='Completed'"
if [ -n "${SUBNET:-}" ]; then
  az sig image-version update "${of[@]}" --set publishingProfile.excludeFromLatest=false > "$keys/updated"
fi
# After its time-out `wait` ends with code 0 all the same (azure-cli-core 2.91, command_operation.py).
az sig image-version show "${of[@]}" --expand ReplicationStatus \
  --query "[id, replicationStatus.aggregatedState]" | {
  read -r id
  read -r state
  test "$state" = Completed
  echo "$id"
}
