/** What users read of the roles: docs/permissions.md. */
import { markdownTable } from '../../scripts/tables.ts';
import { type Grant, grantsOf } from '../../src/plan/needed-rights.ts';
import { RIGHTS, type RightsName, type Scope } from '../../src/plan/rights.ts';
import { isRead, OPTIONAL_READS, SCOPES } from './grants.ts';
import { type Necessity, roleOf, type Sufficiency } from './proof.ts';

/** A role definition as `az role definition create` takes it. */
export interface RoleDefinition {
  readonly Name: string;
  readonly Description: string;
  readonly IsCustom: true;
  readonly Actions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

interface Definition {
  /** Name of the file that a user saves it to. */
  readonly file: string;
  readonly name: string;
  readonly description: string;
  readonly scope: Scope;
  readonly grants: readonly Grant[];
}

const capture = grantsOf(['capture']);

const DEFINITIONS: readonly Definition[] = [
  {
    file: 'golden-image-build.json',
    name: 'Golden image: build VM',
    description: 'Deprovision and generalize build VMs, and make image versions of them.',
    scope: 'build',
    grants: capture,
  },
  {
    file: 'golden-image-gallery.json',
    name: 'Golden image: gallery',
    description: 'Create image versions, and delete those that failed.',
    scope: 'gallery',
    grants: capture,
  },
  {
    file: 'golden-image-source.json',
    name: 'Golden image: source of promotions',
    description: 'Look at image versions and their definitions, and copy the versions.',
    scope: 'source',
    grants: grantsOf(['copy']),
  },
  {
    file: 'golden-image-build-reader.json',
    name: 'Golden image: build VM, dry runs',
    description: 'Look at build VMs and their disks.',
    scope: 'build',
    grants: capture.filter(isRead),
  },
  {
    file: 'golden-image-gallery-reader.json',
    name: 'Golden image: gallery, dry runs',
    description: 'Look at a gallery, its image definitions and versions.',
    scope: 'gallery',
    grants: capture.filter(isRead),
  },
  {
    file: 'golden-image-wait.json',
    name: 'Golden image: wait',
    description: 'Look at image versions.',
    scope: 'gallery',
    grants: grantsOf(['wait']),
  },
];

/** The role definitions that the documentation gives, by the scope each is for. */
export const roleDefinitions = (): readonly { scope: Scope; role: RoleDefinition }[] =>
  DEFINITIONS.map(({ scope, ...definition }) => ({
    scope,
    role: asRole({ scope, ...definition }),
  }));

const asRole = ({ name, description, scope, grants }: Definition): RoleDefinition => ({
  Name: name,
  Description: description,
  IsCustom: true,
  Actions: actionsAt(grants, scope),
  AssignableScopes: ['/subscriptions/00000000-0000-0000-0000-000000000000'],
});

const actionsAt = (grants: readonly Grant[], scope: Scope): string[] =>
  grants.filter((grant) => grant.scope === scope).map(({ action }) => action);

/** One line for each kind of rights and scope. */
const rightsTable = (): string =>
  markdownTable([
    ['For', 'On', 'Actions', 'What for'],
    ...(Object.keys(RIGHTS) as RightsName[]).flatMap((name) =>
      (Object.keys(SCOPES) as Scope[]).flatMap((scope) => {
        const { when, on } = RIGHTS[name];
        const needed = on[scope];
        return needed ? [[when, SCOPES[scope], shortly(needed.actions), needed.what]] : [];
      }),
    ),
  ]);

/** Actions of one type together: its name once, then what can be done with it. */
function shortly(actions: readonly string[]): string {
  const byType = Map.groupBy(actions, (action) => action.replace(/[^/]+(\/action)?$/, ''));
  return [...byType]
    .map(([type, all]) => {
      if (all.length === 1) return `\`${all[0]}\``;
      const verbs = all.map((action) => `\`${action.slice(type.length)}\``);
      return `\`${type}\`: ${verbs.join(', ')}`;
    })
    .join('; ');
}

const CREATE_ROLES = `\`\`\`sh
az role definition create --role-definition @golden-image-build.json
az role definition create --role-definition @golden-image-gallery.json
PRINCIPAL=$(az ad sp show --id "$CLIENT_ID" --query id --output tsv)
az role assignment create --assignee-object-id "$PRINCIPAL" --assignee-principal-type ServicePrincipal \\
  --role 'Golden image: build VM' --scope "$(az group show --name rg-image-builds --query id --output tsv)"
az role assignment create --assignee-object-id "$PRINCIPAL" --assignee-principal-type ServicePrincipal \\
  --role 'Golden image: gallery' --scope "$(az sig show --resource-group rg-images --gallery-name golden --query id --output tsv)"
\`\`\``;

/** docs/permissions.md, with the proof in it. */
export function permissionsPage(
  sufficient: readonly Sufficiency[],
  necessary: readonly Necessity[],
): string {
  return `${[
    '# Azure permissions',
    'This page is written by `npm run roles`, which runs the action under exactly these roles.',
    'The action needs nothing else, and it needs every action: without it, one of the runs below fails or leaves something behind. The runs are made against [the local Azure](../local-azure/README.md). It asks for the rights that Azure is documented and recorded to ask for, including those on the resources that a request refers to.',
    [
      '- The first role is for the resource group of the build VM. Keep nothing else in that group: Run Command is root on every VM in it.',
      '- The second role is for the gallery that a capture or a promotion writes to.',
      '- A promotion needs only the second role, and rights to read the gallery that it copies from.',
      '- A dry run needs only the actions that end in `/read`. Give pull requests an identity of their own with these.',
      '- The deploy job needs `Microsoft.Compute/galleries/images/versions/read` on the version, and rights to write what it deploys to.',
    ].join('\n'),
    '## Create and assign the roles',
    'Save the first two [roles](#roles) as files. Put your subscription in place of the zeros, and add [the actions that your inputs need](#what-inputs-add). `CLIENT_ID` comes from [Setup](setup.md#by-hand) or [Sign-in](sign-in.md#set-up-github-oidc).',
    CREATE_ROLES,
    'A new role assignment needs a few minutes to take effect.',
    '## Roles',
    'The first role must also cover the disks of the VM, wherever they are. Snapshots and managed images are created in the resource group of the VM.',
    ...DEFINITIONS.flatMap((definition) => [
      `\`${definition.file}\`, on ${SCOPES[definition.scope]}:`,
      `\`\`\`json\n${json(asRole(definition))}\n\`\`\``,
    ]),
    '## What inputs add',
    'Add the actions of each line that applies to the role on its scope. A dry run needs those of them that end in `/read`.',
    rightsTable(),
    '## What lets more be checked',
    'With these reads [more is checked](preflight.md) before the first change. The role Reader of Azure has all but the last. Without them nothing fails; the rules are listed as not checked, and `policy-denies` is left out.',
    markdownTable([
      ['Action', 'What is checked'],
      ...OPTIONAL_READS.map(({ action, checks }) => [`\`${action}\``, checks]),
    ]),
    '## The proof',
    'Each of these runs passes with just the actions of its line:',
    markdownTable([
      ['Run', 'Rights', 'Actions', 'Passes'],
      ...sufficient.map((each) => [
        each.run.name,
        each.run.rights.map((name) => RIGHTS[name].when).join('; ') +
          (each.run.readOnly ? '; only `/read`' : ''),
        String(roleOf(each.run).length),
        each.failure === undefined ? 'yes' : 'no',
      ]),
    ]),
    'With one action less, one of them fails, or leaves behind what it cannot delete:',
    markdownTable([
      ['Without the action', 'on', 'this run', 'ends as', 'because Azure refuses to'],
      ...necessary.map(({ action, scope, run, passes, cannot }) => [
        `\`${action}\``,
        SCOPES[scope],
        run ?? 'none: the action is idle',
        passes ? 'succeeded' : 'failed',
        withoutHash(cannot),
      ]),
    ]),
  ].join('\n\n')}\n`;
}

/** Names of snapshots and managed images end in a hash that tells a reader nothing. */
const withoutHash = (text: string): string =>
  text.replace(/-[0-9a-f]{24}$|-[0-9a-f]{8}-[0-9a-f]{4}\b/, '-…');

/** As Biome formats it: short arrays in one line. */
const json = (role: RoleDefinition): string =>
  JSON.stringify(role, null, 2).replace(/\[\n\s+("[^"\n]*")\n\s+\]/g, '[$1]');

/** setup/rights.txt: what setup/setup.sh makes roles of, one action a line. */
export const rightsFile = (): string =>
  [
    '# Made by `npm run roles` from src/plan/rights.ts: rights, scope, action. Do not edit.',
    ...(Object.keys(RIGHTS) as RightsName[]).flatMap((name) => [
      `# ${name}: for ${RIGHTS[name].when}`,
      ...grantsOf([name]).map(({ scope, action }) => `${name} ${scope} ${action}`),
    ]),
    '',
  ].join('\n');
