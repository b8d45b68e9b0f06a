#!/usr/bin/env bash
# What only a subscription can answer: asks Azure with az, and prints a line of Markdown for each
# question, with the answer beside what the local Azure assumes. Nothing here stops at a refusal: that
# is an answer. live.yml calls it before and after the capture.
set -uo pipefail
phase=$1 # before or after
group=$2 vm=$3 gallery=$4 definition=$5

rows=${GITHUB_STEP_SUMMARY:-/dev/stdout}
vm_url=$(az vm show --resource-group "$group" --name "$vm" --query id --output tsv)

# answer QUESTION OBSERVED ASSUMED
answer() {
  local same='≠'
  [ "$2" != "$3" ] || same='='
  [ "$3" != '' ] || same=''
  printf '| %s | %s | %s | %s |\n' "$1" "${2:-nothing}" "${3:-}" "$same" | tee -a "$rows"
}

# outcome COMMAND...: `accepted`, or Azure's code.
outcome() {
  local said
  if said=$("$@" 2>&1 > /dev/null); then
    echo accepted
  else
    printf '%s\n' "$said" >&2
    echo "refused ($(grep -oE '\([A-Za-z]+\)|"code": ?"[A-Za-z]+"' <<< "$said" | head -n 1 | tr -d '()"'))"
  fi
}
# The same without the code, as the local Azure's choices are named.
short() { echo "${1%% *}"; }
patch() { az rest --method patch --url "$1?api-version=$2" --headers Content-Type=application/json --body "$3" --output none; }

if [ "$phase" = before ]; then
  {
    echo '| Question | Azure | The local Azure | |'
    echo '| --- | --- | --- | --- |'
  } >> "$rows"
  for type in virtualMachines galleries/images/versions disks; do
    newest=$(az provider show --namespace Microsoft.Compute --output tsv \
      --query "sort(resourceTypes[?resourceType=='$type'].apiVersions[] | [?!contains(@, 'preview')])[-1]")
    answer "Newest API version of \`$type\`" "$newest" ''
  done
  az vm update --resource-group "$group" --name "$vm" --set tags.first=1 --output none
  patch "$vm_url" 2024-07-01 '{"tags": {"second": "2"}}'
  first=$(az vm show --resource-group "$group" --name "$vm" --query tags.first --output tsv)
  answer 'Tags in a PATCH of a VM' "$([ -n "$first" ] && echo merge || echo replace)" replace
  mark=golden-image-live-$RANDOM
  az vm run-command invoke --resource-group "$group" --name "$vm" --command-id RunShellScript \
    --scripts "for name in \$(cat /sys/class/tty/console/active); do [ \$name = tty1 ] || echo $mark > /dev/\$name; done" --output none
  began=$SECONDS heard=''
  while [ -z "$heard" ] && [ $((SECONDS - began)) -lt 300 ]; do
    az vm boot-diagnostics get-boot-log --resource-group "$group" --name "$vm" 2> /dev/null | grep -q "$mark" &&
      heard=$((SECONDS - began))
    [ -n "$heard" ] || sleep 5
  done
  answer 'Seconds until the console of a running VM shows a line' "${heard:-more than 300}" 'about 15'
else
  refused=$(outcome patch "$vm_url" 2024-07-01 '{"tags": {"third": "3"}}')
  answer 'PATCH of the tags of a generalized VM' "$(short "$refused")" refused
  refused=$(outcome az vm deallocate --resource-group "$group" --name "$vm")
  answer 'Another deallocate of a generalized VM' "$(short "$refused")" refused
  versions=${vm_url%%/providers/*}/providers/Microsoft.Compute/galleries/$gallery/images/$definition/versions
  first=$(az sig image-version list --resource-group "$group" --gallery-name "$gallery" \
    --gallery-image-definition "$definition" --query '[0].name' --output tsv)
  answer "\`storageAccountStrategy\` in a GET of a version" "$(az rest --url "$versions/$first?api-version=2025-03-03" \
    --query publishingProfile.storageAccountStrategy --output tsv)" ''
  second=$(outcome az sig image-version create --resource-group "$group" --gallery-name "$gallery" --no-wait \
    --gallery-image-definition "$definition" --gallery-image-version 9.9.9 --virtual-machine "$vm_url")
  answer 'A second version of the same generalized VM' "$(short "$second")" accepted
  if [ "$second" = accepted ]; then
    found=$(outcome az rest --url "$versions/9.9.9?api-version=2024-03-03")
    answer 'GET of a version right after its creation was accepted' "$found" accepted
    busy=$(outcome patch "$versions/9.9.9" 2024-03-03 '{"tags": {"busy": "1"}}')
    answer 'Update of a version that is being created' "$(short "$busy" | sed s/accepted/queued/)" refused
    az sig image-version wait --resource-group "$group" --gallery-name "$gallery" --timeout 3600 --interval 15 \
      --gallery-image-definition "$definition" --gallery-image-version 9.9.9 \
      --custom "provisioningState!='Creating' && provisioningState!='Updating'" --output none
    state=$(az sig image-version show --resource-group "$group" --gallery-name "$gallery" --output tsv \
      --gallery-image-definition "$definition" --gallery-image-version 9.9.9 --query provisioningState)
    answer 'What became of that version' "$state" Succeeded
  fi
fi
