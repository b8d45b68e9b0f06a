#!/usr/bin/env bash
# Prepares Azure for the action, with the Azure CLI: resource groups, gallery, image definition,
# identity, federated credentials, roles and their assignments. Run it again to change or repair.
set -euo pipefail

help() {
  cat << 'HELP'
Usage: setup/setup.sh --repository OWNER/NAME [options]

Prepares Azure for the action. Prints the variables to set and, for a capture, the workflow to paste.
Sign in first: `az login`. What exists is kept, so that it is safe to run again.

What to build
  --resource-group NAME          resource group of the build VM (rg-image-builds)
  --vm NAME                      build VM that the image definition is to fit
  --gallery NAME                 (golden)
  --gallery-resource-group NAME  (rg-images)
  --image-definition NAME        (golden-image)
  --publisher --offer --sku      of a new image definition (owner, repository, definition)
  --location REGION              of what is created (the VM's, or the resource group's)
  --subscription-id ID           (the one that az is set to)

Who signs in
  --branch NAME                  runs on this branch; repeatable (main, if no environment is given)
  --environment NAME             jobs with this GitHub environment; repeatable
  --pull-request                 a second identity, which can only read, for dry runs
  --identity NAME                user-assigned identity, in the gallery's resource group (golden-image)
  --subject classic|ids|both     form of the subject (both, if the IDs are known)
  --owner-id --repository-id     numbers in the subject (asked from GitHub with `gh`)
  --issuer URL                   (https://token.actions.githubusercontent.com)
  --audience TEXT                (api://AzureADTokenExchange)

What it is allowed to do
  --operation NAME[,NAME]        what it runs: capture, prune, restore, verify, wait; of a promotion copy, to
                                 copy versions, or change, to change them where they are (capture)
  --for NAME[,NAME]              rights for inputs beside that, names of setup/rights.txt
  --source-gallery ID            gallery that versions are copied from, for copy
  --disk-encryption-set ID       for keys
  --verify-resource-group NAME   of throw-away VMs, for verify and verification (the VM's)
  --verify-subnet ID             for verify and verification

  --dry-run   print the commands that change something, and run none of them
  --delete    remove the identities, credentials, roles and assignments that this script made
  --help
HELP
}

here=$(cd "$(dirname "$0")" && pwd)
repository='' group=rg-image-builds vm='' gallery=golden gallery_group=rg-images definition=golden-image
publisher='' offer='' sku='' location='' subscription='' pull_request='' identity=golden-image
subject_form='' owner_id='' repository_id='' issuer=https://token.actions.githubusercontent.com
audience=api://AzureADTokenExchange source_gallery='' encryption_set='' verify_group='' verify_subnet='' dry='' delete=''
operations='' rights='' claims=() mistakes=()

mistake() { mistakes+=("$1"); }
say() { printf '%s\n' "$*" >&2; }
fail() {
  say "setup: $*"
  exit 1
}

while [ $# -gt 0 ]; do
  option=$1 value=${2-}
  shift
  case $option in
    --help) help && exit ;;
    --dry-run) dry=yes && continue ;;
    --delete) delete=yes && continue ;;
    --pull-request) pull_request=yes && continue ;;
  esac
  if [ $# -eq 0 ] || [ -z "$value" ] || [ "${value#--}" != "$value" ]; then
    mistake "$option has no value, or is unknown"
    continue
  fi
  shift
  case $option in
    --repository) repository=$value ;;
    --resource-group) group=$value ;;
    --vm) vm=$value ;;
    --gallery) gallery=$value ;;
    --gallery-resource-group) gallery_group=$value ;;
    --image-definition) definition=$value ;;
    --publisher) publisher=$value ;;
    --offer) offer=$value ;;
    --sku) sku=$value ;;
    --location) location=$value ;;
    --subscription-id) subscription=$value ;;
    --branch) claims+=("ref:refs/heads/$value") ;;
    --environment) claims+=("environment:$value") ;;
    --identity) identity=$value ;;
    --subject) subject_form=$value ;;
    --owner-id) owner_id=$value ;;
    --repository-id) repository_id=$value ;;
    --issuer) issuer=${value%/} ;;
    --audience) audience=$value ;;
    --operation) operations="$operations ${value//,/ }" ;;
    --for) rights="$rights ${value//,/ }" ;;
    --source-gallery) source_gallery=$value ;;
    --disk-encryption-set) encryption_set=$value ;;
    --verify-resource-group) verify_group=$value ;;
    --verify-subnet) verify_subnet=$value ;;
    *) mistake "$option is unknown" ;;
  esac
done

[[ $repository =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$ ]] || mistake '--repository must be OWNER/NAME'
[[ $issuer =~ ^https://[^[:space:]]+$ ]] || mistake '--issuer must be an https URL'
[[ $owner_id$repository_id =~ ^[0-9]*$ ]] || mistake '--owner-id and --repository-id are numbers'
case $subject_form in '' | classic | ids | both) ;; *) mistake '--subject is classic, ids or both' ;; esac
for name in "$group" "$gallery" "$gallery_group" "$definition" "$identity" ${vm:+"$vm"}; do
  [[ $name =~ ^[A-Za-z0-9_().-]+$ ]] || mistake "'$name' is no name of an Azure resource"
done
for claim in ${claims[@]+"${claims[@]}"}; do
  [[ $claim =~ [[:space:]\*] ]] && mistake "'$claim' has a blank or a wildcard, which no subject can have"
done
operations=${operations:-capture}
for name in $operations; do
  awk -v name="$name:" '$2 == name && $4 == "`operation:" { found = 1 } END { exit !found }' "$here/rights.txt" ||
    mistake "'$name' is no operation; setup/rights.txt has the names"
done
rights="$operations $rights"
for right in $rights; do
  at=$(awk -v right="$right" '$1 == right { print $2 }' "$here/rights.txt")
  [ -n "$at" ] || mistake "'$right' is unknown; setup/rights.txt has the names"
  case $at in *source*) [ -n "$source_gallery" ] || mistake "'$right' needs --source-gallery" ;; esac
  case $at in *keys*) [ -n "$encryption_set" ] || mistake "'$right' needs --disk-encryption-set" ;; esac
  case $at in *network*) [ -n "$verify_subnet" ] || mistake "'$right' needs --verify-subnet" ;; esac
done

# The numbers of owner and repository, for subjects with IDs; GitHub Enterprise Server has none.
[ "$issuer" = https://token.actions.githubusercontent.com ] || subject_form=classic
if [ "$subject_form" != classic ] && [ -z "$owner_id" ] && command -v gh > /dev/null; then
  read -r owner_id repository_id < <(gh api "repos/$repository" --jq '"\(.owner.id) \(.id)"' 2> /dev/null) || true
fi
if [ -n "$owner_id" ] && [ -n "$repository_id" ]; then
  subject_form=${subject_form:-both}
else
  case $subject_form in ids | both) mistake "--subject $subject_form needs --owner-id and --repository-id" ;; esac
  subject_form=${subject_form:-unknown}
fi
if [ ${#mistakes[@]} -gt 0 ]; then
  printf 'setup: %s\n' "${mistakes[@]}" >&2
  say "setup: nothing was changed; 'setup/setup.sh --help' lists the options"
  exit 1
fi
[ ${#claims[@]} -gt 0 ] || claims=(ref:refs/heads/main)
[ "$subject_form" != unknown ] || [ -n "$delete" ] ||
  say 'The IDs of owner and repository are not known, so only the older form of the subject is trusted. A repository' \
    'created, renamed or transferred since 15 July 2026 needs --owner-id and --repository-id.'

# shellcheck source=setup/azure.sh
. "$here/azure.sh"

if [ -n "$delete" ]; then
  remove "$identity"
  remove "$identity-reader"
  say "${dry:+Nothing was changed. }Resource groups, gallery, image definitions and versions stay."
  exit
fi

if [ -n "$vm" ]; then
  of_vm=$(look vm show --resource-group "$group" --name "$vm" --query '[location, storageProfile.osDisk.osType]')
  [ -n "$of_vm" ] || fail "VM $vm does not exist in resource group $group"
  location=${location:-$(head -n 1 <<< "$of_vm")}
  case " $rights $of_vm" in *' capture '*Windows*) rights="$rights windows" ;; esac
fi
location=${location:-$(look group show --name "$gallery_group" --query location)}
in_group=$(actions build)
[ -n "$verify_group" ] || in_group=$in_group$(actions verify)
[ -z "$in_group" ] || make_group "$group"
make_group "$gallery_group"
make_gallery
make_definition
identify "$identity" "${claims[@]}"
for scope in $(scopes); do role "$scope" "$identity" "$principal_id"; done
if [ -n "$pull_request" ]; then
  identify "$identity-reader" pull_request
  for scope in $(scopes); do role "$scope" "$identity-reader" "$principal_id" read; done
fi
if [ -n "$dry" ]; then
  say 'Nothing was changed.'
  exit
fi

client() { look identity show --resource-group "$gallery_group" --name "$1" --query clientId; }
say 'Done. A role works a few minutes after it was granted. Set these variables; examples/ has workflows:'
cat << END

gh variable set AZURE_TENANT_ID --repo $repository --body $(look account show --query tenantId)
gh variable set AZURE_SUBSCRIPTION_ID --repo $repository --body $subscription
gh variable set AZURE_CLIENT_ID --repo $repository --body $(client "$identity")
END
[ -z "$pull_request" ] ||
  echo "gh variable set AZURE_READER_CLIENT_ID --repo $repository --body $(client "$identity-reader")"
case " $operations " in *' capture '*) ;; *) exit ;; esac
environment=''
for claim in "${claims[@]}"; do case $claim in environment:*) environment=${claim#*:} ;; esac; done
cat << END

# .github/workflows/golden-image.yml
name: Golden image
on: workflow_dispatch
permissions: {}
concurrency: golden-image
jobs:
  capture:
    runs-on: ubuntu-24.04${environment:+
    environment: $environment}
    permissions:
      id-token: write # to sign in to Azure
    steps:
      - uses: owner/azure-golden-image@<commit>
        with:
          tenant-id: \${{ vars.AZURE_TENANT_ID }}
          client-id: \${{ vars.AZURE_CLIENT_ID }}
          subscription-id: \${{ vars.AZURE_SUBSCRIPTION_ID }}
          resource-group: $group
          vm: ${vm:-build-vm}
          gallery: $gallery
          gallery-resource-group: $gallery_group
          image-definition: $definition
END
