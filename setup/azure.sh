# shellcheck shell=bash disable=SC2154 # the variables come from setup.sh
# What setup.sh does in Azure, one function for each kind of thing. Read by setup.sh, whose variables
# hold the options.

# Git Bash on Windows must leave resource IDs alone.
export MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v az > /dev/null || fail 'the Azure CLI is not installed'
subscription=$(command az account show ${subscription:+--subscription "$subscription"} --query id --output tsv |
  tr -d '\r') || fail "sign in first, with 'az login'"
az() { command az "$@" --subscription "$subscription" --only-show-errors; }
# Prints what az tells; nothing for what does not exist. Any other refusal ends the script.
look() {
  if az "$@" --output tsv > "$work/out" 2> "$work/error"; then
    tr -d '\r' < "$work/out"
  elif ! grep -qE 'ResourceNotFound|ResourceGroupNotFound|\(NotFound\)' "$work/error"; then
    cat "$work/error" >&2
    fail "az $1 $2 was refused, see above"
  fi
}

# Changes something in Azure, or only tells what it would change. What was made a moment ago can be
# unknown elsewhere: then it waits and tries again.
change() {
  printf '+ az' >&2
  printf ' %q' "$@" >&2
  echo >&2
  [ -z "$dry" ] || return 0
  local try
  for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
    az "$@" --output none 2> "$work/error" && return
    grep -qE "PrincipalNotFound|RoleDefinitionDoesNotExist|does not exist in the directory" "$work/error" || break
    [ "$try" = 12 ] || sleep "${SETUP_RETRY_SECONDS:-10}"
  done
  cat "$work/error" >&2
  fail 'the command above was refused; what was made before it stays, and a new run goes on from there'
}

group_id() { echo "/subscriptions/$subscription/resourceGroups/$1"; }
gallery_id=$(group_id "$gallery_group")/providers/Microsoft.Compute/galleries/$gallery
identity_id() { echo "$(group_id "$gallery_group")/providers/Microsoft.ManagedIdentity/userAssignedIdentities/$1"; }
scope_id() {
  case $1 in
    build) group_id "$group" ;;
    gallery) echo "$gallery_id" ;;
    source) echo "$source_gallery" ;;
    keys) echo "$encryption_set" ;;
    verify) group_id "${verify_group:-$group}" ;;
    network) echo "$verify_subnet" ;;
    users) echo "/subscriptions/$subscription" ;;
    *) fail "the scope $1 of setup/rights.txt is unknown to this script" ;;
  esac
}
# Custom roles are assignable in resource groups and above, not in resources.
assignable() { echo "$1" | sed -E 's|(/resource[gG]roups/[^/]+).*|\1|'; }
scopes() { awk '!/^#/ { print $2 }' "$here/rights.txt" | sort -u; }
# Names of roles are unique in a tenant: each identity has roles of its own.
role_name() { echo "Golden image: $1, $2 ($(identity_id "$2" | cksum | cut -d ' ' -f 1))"; }
made_for() { echo "Made by setup.sh of Azure Golden Image for $(identity_id "$1")"; }
MADE='golden-image-setup=made'

# The actions of a scope, sorted; with `read` those alone that change nothing.
actions() {
  local right
  for right in $rights; do
    awk -v right="$right" -v scope="$1" '$1 == right && $2 == scope { print $3 }' "$here/rights.txt"
  done | grep -E "${2:+/read\$}" | LC_ALL=C sort -u || true
}

# What the subject ends with, and a number that tells one subject from another.
credential_name() { echo "github-$(echo "${1#repo:*:}" | tr -c 'A-Za-z0-9\n' - | cut -c 1-80)-$(echo "$1" | cksum | cut -d ' ' -f 1)"; }

subjects() {
  local claim
  for claim in "$@"; do
    [ "$subject_form" = ids ] || echo "repo:$repository:$claim"
    case $subject_form in
      ids | both) echo "repo:${repository%/*}@$owner_id/${repository#*/}@$repository_id:$claim" ;;
    esac
  done
}

# The identity: its principal ID, or nothing.
principal() { look identity show --resource-group "$gallery_group" --name "$1" --query principalId; }

# trust IDENTITY CLAIM...: a credential for each subject that the identity does not trust yet.
trust() {
  local name=$1 known subject
  shift
  known=$(look identity federated-credential list --resource-group "$gallery_group" --identity-name "$name" \
    --query "[?issuer=='$issuer'].subject")
  subjects "$@" > "$work/subjects"
  while read -r subject; do
    ! grep -qxF "$subject" <<< "$known" || continue
    change identity federated-credential create --resource-group "$gallery_group" --identity-name "$name" \
      --name "$(credential_name "$subject")" --issuer "$issuer" --subject "$subject" --audiences "$audience"
  done < "$work/subjects"
}

# role SCOPE IDENTITY PRINCIPAL [read]: a custom role of exactly the actions, and those of earlier runs,
# assigned to the identity.
role() {
  local scope id name wanted description actions=''
  wanted=$(actions "$1" "${4-}")
  [ -n "$wanted" ] || return 0
  scope=$(scope_id "$1")
  name=$(role_name "$1" "$2")
  look role definition list --name "$name" --scope "$(assignable "$scope")" \
    --query "[].[id, description, join(' ', permissions[].actions[])]" > "$work/role"
  IFS=$'\t' read -r id description actions < "$work/role" || true
  [ -z "$id" ] || [ "$description" = "$(made_for "$2")" ] ||
    fail "a role '$name' exists that this script did not make; rename it"
  actions=$(tr ' ' '\n' <<< "$actions" | LC_ALL=C sort -u)
  wanted=$(printf '%s\n' "$actions" "$wanted" | grep . | LC_ALL=C sort -u)
  role_file "$1" "$2" "$wanted" "$id"
  if [ -z "$id" ]; then
    say "  with role.json: $(tr -d '\n' < "$work/role.json")"
    change role definition create --role-definition "$work/role.json"
  elif [ "$wanted" != "$actions" ]; then
    say "  with role.json: $(tr -d '\n' < "$work/role.json")"
    change role definition update --role-definition "$work/role.json"
  fi
  [ -z "$(assignment "$scope" "$3" "$id")" ] || return 0
  change role assignment create --assignee-object-id "${3:-<principal of $2>}" \
    --assignee-principal-type ServicePrincipal --role "$name" --scope "$scope"
}

role_file() {
  {
    [ -z "$4" ] || printf '{"id": "%s", "roleName": "%s",\n' "$4" "$(role_name "$1" "$2")"
    [ -n "$4" ] || printf '{"Name": "%s",\n' "$(role_name "$1" "$2")"
    printf ' "Description": "%s",\n "IsCustom": true,\n "Actions": [' "$(made_for "$2")"
    echo "$3" | sed -e 's/.*/"&"/' -e '$!s/$/, /' | tr -d '\n'
    printf '],\n "AssignableScopes": ["%s"]}\n' "$(assignable "$(scope_id "$1")")"
  } > "$work/role.json"
}

# assignment SCOPE PRINCIPAL ROLE: IDs of the assignments of exactly that.
assignment() {
  [ -n "$2" ] && [ -n "$3" ] || return 0
  look role assignment list --scope "$1" --fill-principal-name false --fill-role-definition-name false \
    --query "[?principalId=='$2' && ends_with(roleDefinitionId, '${3##*/}')].id"
}

make_group() {
  [ "$(az group exists --name "$1" | tr -d '\r')" != true ] || return 0
  [ -n "$location" ] || fail "resource group $1 does not exist: give --location"
  change group create --name "$1" --location "$location"
}

make_gallery() {
  [ -z "$(look sig show --resource-group "$gallery_group" --gallery-name "$gallery" --query name)" ] || return 0
  change sig create --resource-group "$gallery_group" --gallery-name "$gallery" --location "$location"
}

# An image definition that takes the VM as a source: same system, generation, security, architecture,
# disk controller and purchase plan.
make_definition() {
  local found os security controller plan product plan_publisher disk generation architecture features
  found=$(look sig image-definition show --resource-group "$gallery_group" --gallery-name "$gallery" \
    --gallery-image-definition "$definition" --query name)
  [ -z "$found" ] || return 0
  if [ -z "$vm" ]; then
    say "Image definition $definition does not exist; give --vm to have one made that fits the VM."
    return 0
  fi
  vm_facts=$(look vm show --resource-group "$group" --name "$vm" --query "{a: storageProfile.osDisk.osType,
    b: securityProfile.securityType || 'Standard', c: storageProfile.diskControllerType || 'SCSI',
    d: plan.name || '-', e: plan.product || '-', f: plan.publisher || '-', g: storageProfile.osDisk.managedDisk.id}")
  IFS=$'\t' read -r os security controller plan product plan_publisher disk <<< "$vm_facts"
  disk_facts=$(look disk show --ids "$disk" --query "{a: hyperVGeneration || 'V1',
    b: supportedCapabilities.architecture || 'x64'}")
  IFS=$'\t' read -r generation architecture <<< "$disk_facts"
  features=SecurityType=$security
  [ "$controller" != NVMe ] || features="$features DiskControllerTypes=SCSI,NVMe"
  set -- --resource-group "$gallery_group" --gallery-name "$gallery" --gallery-image-definition "$definition" \
    --location "$location" --publisher "${publisher:-${repository%/*}}" --offer "${offer:-${repository#*/}}" \
    --sku "${sku:-$definition}" --os-type "$os" --os-state Generalized --hyper-v-generation "$generation" \
    --architecture "$architecture"
  [ "$generation" = V1 ] || set -- "$@" --features "$features"
  [ "$plan" = - ] || set -- "$@" --plan-name "$plan" --plan-product "$product" --plan-publisher "$plan_publisher"
  change sig image-definition create "$@"
}

# identify NAME CLAIM...: the identity and whom it trusts; its principal ID goes into $principal_id.
# The tag tells a later --delete that this script made it.
identify() {
  local name=$1
  shift
  principal_id=$(principal "$name")
  if [ -z "$principal_id" ]; then
    change identity create --resource-group "$gallery_group" --name "$name" --location "$location" --tags "$MADE"
    [ -n "$dry" ] || principal_id=$(principal "$name")
  fi
  trust "$name" "$@"
}

# remove IDENTITY: assignments first, then their roles, then credentials, then the identity. What this
# script did not make stays, and so does an identity that somebody else uses as well.
remove() {
  local name=$1 principal scope id role
  principal=$(principal "$name")
  : > "$work/roles"
  assignments_of "$principal" > "$work/assignments"
  while IFS=$'\t' read -r id role scope; do
    made "$name" "${role##*/}" "$scope" > "$work/made"
    [ -s "$work/made" ] || continue
    cat "$work/made" >> "$work/roles"
    change role assignment delete --ids "$id"
  done < "$work/assignments"
  # Also those that no assignment leads to, when an earlier run was cut off between the two.
  for scope in $(scopes); do
    [ -z "$(scope_id "$scope")" ] || made "$name" "$(role_name "$scope" "$name")" "$(scope_id "$scope")" >> "$work/roles"
  done
  sort -u "$work/roles" > "$work/made"
  while IFS=$'\t' read -r id scope; do
    change role definition delete --name "$id" --scope "$scope" --custom-role-only true
  done < "$work/made"
  [ -n "$principal" ] || return 0
  look identity federated-credential list --resource-group "$gallery_group" --identity-name "$name" \
    --query "[].[name, subject]" > "$work/credentials"
  while IFS=$'\t' read -r id role; do
    [ "$id" = "$(credential_name "$role")" ] || continue
    change identity federated-credential delete --resource-group "$gallery_group" --identity-name "$name" \
      --name "$id" --yes
  done < "$work/credentials"
  remove_identity "$name" "$principal"
}

# ID, role and scope of each assignment of a principal in the subscription.
assignments_of() {
  [ -z "$1" ] || look role assignment list --all --fill-principal-name false \
    --fill-role-definition-name false --query "[?principalId=='$1'].[id, roleDefinitionId, scope]"
}

# made IDENTITY ROLE SCOPE: GUID and scope of the role of this name or GUID, if this script made it.
made() {
  look role definition list --name "$2" --scope "$(assignable "$3")" --custom-role-only true \
    --query "[?description=='$(made_for "$1")'].[name, assignableScopes[0]]"
}

remove_identity() {
  local tag others
  tag=$(look identity show --resource-group "$gallery_group" --name "$1" --query "tags.\"${MADE%=*}\"")
  others=$(assignments_of "$2" | cut -f 3)
  if [ "$tag" != "${MADE#*=}" ]; then
    say "Identity $1 stays: this script did not make it."
  elif [ -z "$dry" ] && [ -n "$others" ]; then
    say "Identity $1 stays: it has role assignments that this script did not make, on $others."
  else
    change identity delete --resource-group "$gallery_group" --name "$1"
  fi
}
