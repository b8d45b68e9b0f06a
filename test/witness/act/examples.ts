/** The examples that users copy: what each is given, and what must be so afterwards. */
import { expect } from 'vitest';
import { DEFAULT_SUBSCRIPTION } from '../../../local-azure/src/default-world.ts';
import { CLIENT_ID } from '../../../local-azure/src/identity.ts';
import { at } from '../../../local-azure/src/json.ts';
import type { Resource } from '../../../local-azure/src/world.ts';
import type { WorkflowRun } from '../workflow-log.ts';
import type { WorkflowOptions } from '../workflow-runner.ts';
import type { World } from './examples-azure.ts';
import {
  aged,
  DEFINITION,
  DEVELOPED,
  developed,
  GALLERY_SUBSCRIPTION,
  inProduction,
  inTest,
  SCALE_SET,
  SERVER,
  SUBNET,
} from './examples-world.ts';

/** How an example is run, and what shows that it works. */
export interface Example extends Omit<WorkflowOptions, 'workflow'> {
  /** What must be so afterwards, beside that every job succeeded. */
  readonly proof: (run: WorkflowRun, world: World) => void;
  /** What is there beside what all examples have. */
  readonly world?: readonly Resource[];
}

const REPO = { full_name: 'contoso/images' };
const PULL_REQUEST = { number: 7, head: { repo: REPO }, base: { repo: REPO } };
export const dispatch = { event: 'workflow_dispatch' };
export const call = { event: 'workflow_call' };
const subnets = { BUILD_SUBNET_ID: SUBNET, VERIFY_SUBNET_ID: SUBNET };
const scaleSet = { VMSS_RESOURCE_GROUP: SCALE_SET.group, VMSS: SCALE_SET.name };

export const succeeded = { state: 'succeeded', changed: 'true' };
const rolledOut = (image: unknown) => ({
  virtualMachineProfile: { storageProfile: { imageReference: { id: image } } },
});

/** What the build VM runs. */
export const script = { 'images/install.sh': 'echo installed > /var/lib/image\n' };

/** Every file of examples/ has its line here. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'base-image.yml': {
    ...dispatch,
    files: script,
    vars: { BUILD_SUBNET_ID: SUBNET },
    proof: (run, world) => {
      expect(run.log).toMatch(/The newest base image is Canonical:.*:\d+\.\d+\.\d+, .* unknown/);
      expect(world.properties(`${DEFINITION}/versions/1.0.1`)).toMatchObject({
        provisioningState: 'Succeeded',
      });
    },
  },
  // Neither Bicep nor Terraform is here.
  'deploy.yml': {
    ...call,
    job: 'scale-set',
    inputs: { 'image-version-id': DEVELOPED },
    vars: scaleSet,
    proof: (_, world) => expect(world.properties(SCALE_SET.id)).toMatchObject(rolledOut(DEVELOPED)),
  },
  'matrix.yml': {
    ...dispatch,
    proof: ({ log }) => {
      for (const name of ['ubuntu-2404-x64', 'ubuntu-2404-arm64', 'windows-2022'])
        expect(log).toMatch(
          new RegExp(
            `artifact ${name}, .*/images/${name}/versions/\\d{4}\\.\\d{3,4}\\.\\d+".*succeeded`,
          ),
        );
    },
  },
  'merge-to-main.yml': {
    vars: { ...subnets, ...scaleSet },
    proof: (run, world) => {
      expect(Object.keys(run.jobs).sort()).toEqual(['build', 'capture', 'deploy', 'tidy']);
      expect(run.outputs['capture.image']).toMatchObject({ ...succeeded, verified: 'true' });
      const version = run.outputs['capture.image']?.['image-version-id'];
      expect(version).toBe(`${DEFINITION}/versions/1.0.1`);
      expect(world.properties(SCALE_SET.id)).toMatchObject(rolledOut(version));
      expect(world.namesBeginning('build-4711-1')).toEqual([]);
    },
  },
  'nightly.yml': {
    ...dispatch,
    vars: {
      GALLERY_SUBSCRIPTION_ID: DEFAULT_SUBSCRIPTION,
      USAGE_SUBSCRIPTION_IDS: DEFAULT_SUBSCRIPTION,
    },
    // Of a year, of 75 days, and the three newest.
    world: [aged('1.1.0', 75), aged('1.2.0', 70), aged('1.3.0', 2), aged('1.4.0', 1)],
    proof: (run, world) => {
      // A leg of a matrix is named after what it is for, too.
      const jobs = Object.keys(run.jobs).map((job) => job.split(' ')[0]);
      expect(jobs.sort()).toEqual(['candidates', 'exclude', 'prune']);
      expect(world.properties(DEVELOPED)).toBeUndefined();
      const isExcluded = (number: string) =>
        at(world.properties(developed(number)), 'publishingProfile', 'excludeFromLatest');
      expect(isExcluded('1.1.0')).toBe(true);
      for (const number of ['1.2.0', '1.3.0', '1.4.0']) expect(isExcluded(number)).toBe(false);
    },
  },
  'pipeline.yml': {
    ...dispatch,
    files: script,
    vars: { BUILD_SUBNET_ID: SUBNET },
    proof: (run, world) => {
      expect(world.properties(`${DEFINITION}/versions/1.0.1`)).toMatchObject({
        provisioningState: 'Succeeded',
        publishingProfile: { excludeFromLatest: false },
      });
      expect(run.log).toContain('GOLDEN IMAGE BUILT');
      // Neither the build VM nor the one that booted the version is left.
      expect(world.namesBeginning('build-4711')).toEqual([]);
      expect(world.namesBeginning('verify-')).toEqual([]);
    },
  },
  'promote.yml': {
    ...dispatch,
    inputs: { version: '1.0.0' },
    vars: { ...subnets, GALLERY_SUBSCRIPTION_ID: GALLERY_SUBSCRIPTION },
    proof: (run, world) => {
      expect(run.outputs['test.image']).toMatchObject({
        ...succeeded,
        verified: 'true',
        'image-version-id': inTest,
      });
      const id = inProduction('1.0.0');
      expect(run.outputs['production.image']).toMatchObject({
        ...succeeded,
        'image-version-id': id,
      });
      expect(world.properties(id)).toMatchObject({
        provisioningState: 'Succeeded',
        publishingProfile: {
          excludeFromLatest: false,
          targetRegions: [
            { name: 'West Europe', regionalReplicaCount: 3 },
            { name: 'North Europe', regionalReplicaCount: 3 },
          ],
        },
      });
    },
  },
  'pull-request.yml': {
    event: 'pull_request',
    payload: { number: PULL_REQUEST.number, pull_request: PULL_REQUEST },
    vars: subnets,
    proof: (run, world) => {
      expect(run.outputs['check.0']).toMatchObject({ state: 'planned', changed: 'false' });
      expect(run.log).toContain('The comment on pull request #7: created.');
      expect(run.outputs['verify.image']).toMatchObject({
        ...succeeded,
        verified: 'true',
        'image-version-id': '',
      });
      for (const left of ['check-', 'verify-', '0.0.'])
        expect(world.namesBeginning(left)).toEqual([]);
    },
  },
  'recall.yml': {
    ...dispatch,
    inputs: { version: '0.2.0' },
    vars: { GALLERY_SUBSCRIPTION_ID: GALLERY_SUBSCRIPTION },
    proof: (run, world) => {
      expect(run.log).toMatch(/latest is now .*0\.1\.0/);
      expect(world.properties(inProduction('0.2.0'))).toMatchObject({
        publishingProfile: { excludeFromLatest: true },
      });
    },
  },
  'reusable.yml': {
    ...call,
    inputs: { vm: 'build-ubuntu', 'image-definition': 'ubuntu-2404' },
    proof: (run, world) => {
      expect(run.outputs['capture.image']).toMatchObject(succeeded);
      expect(world.names('Microsoft.Compute/snapshots')).toHaveLength(2);
    },
  },
  'rollback.yml': {
    ...dispatch,
    files: {
      'images/upgrade.sh': 'echo new > /var/lib/server\necho passed\n',
      'images/test.sh': 'grep new /var/lib/server\necho passed\n',
    },
    proof: (run, world) => {
      expect(run.outputs['upgrade.before']?.ids).toContain('/snapshots/server-1_OsDisk-4711-1');
      expect(world.disks(SERVER).map((id) => id.split('/').at(-1))).toEqual([
        'server-1_OsDisk',
        'server-1_DataDisk_0',
      ]);
    },
  },
  'self-hosted.yml': {
    ...dispatch,
    vars: { RUNNER_IDENTITY_CLIENT_ID: CLIENT_ID, IMAGE_DEFINITION_ID: DEFINITION },
    proof: (run) => {
      expect(run.outputs['capture.image']).toMatchObject(succeeded);
      expect(run.log).toContain('managed identity');
    },
  },
};
