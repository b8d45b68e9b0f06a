/**
 * `node scripts/sbom.ts`: prints what dist/index.js is made of as SPDX 2.3 (spdx.github.io/spdx-spec),
 * the same packages as in dist/licenses.txt. `npm sbom` also lists those of the local Azure, which is
 * not shipped. SOURCE_DATE_EPOCH (seconds) makes the result repeatable.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundledFolders, manifestIn } from './licenses.ts';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** The document, as an object to be printed as JSON. */
export function sbom(created: Date) {
  const own = manifestIn('.');
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  const packages = bundledFolders()
    .map((folder) => {
      const { name, version, license } = manifestIn(folder);
      const place = folder.replaceAll('\\', '/');
      return {
        ...described(name, version, license),
        checksums: checksums(lock.packages[place]?.integrity),
      };
    })
    .filter(({ SPDXID }, index, all) => all.findIndex((each) => each.SPDXID === SPDXID) === index)
    .toSorted((a, b) => (a.SPDXID < b.SPDXID ? -1 : 1));
  const subject = described(own.name, own.version, own.license);
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${own.name} ${own.version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${own.name}-${own.version}-${created.getTime()}`,
    creationInfo: {
      created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: ['Tool: scripts/sbom.ts'],
    },
    packages: [subject, ...packages],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', subject.SPDXID),
      ...packages.map(({ SPDXID }) => relation(subject.SPDXID, 'CONTAINS', SPDXID)),
    ],
  };
}

const described = (name: string, version: string, license = 'NOASSERTION') => ({
  SPDXID: `SPDXRef-${name}-${version}`.replaceAll(/[^A-Za-z0-9.-]/g, '-'),
  name,
  versionInfo: version,
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseDeclared: license,
  externalRefs: [
    {
      referenceCategory: 'PACKAGE-MANAGER',
      referenceType: 'purl',
      referenceLocator: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    },
  ],
});

/** `sha512-…` of the lock file, as SPDX writes it. */
const checksums = (integrity = '') =>
  [...integrity.matchAll(/sha512-(\S+)/g)].map(([, base64 = '']) => ({
    algorithm: 'SHA512',
    checksumValue: Buffer.from(base64, 'base64').toString('hex'),
  }));

const relation = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({
  spdxElementId,
  relationshipType,
  relatedSpdxElement,
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? Date.now() / 1000);
  process.stdout.write(`${JSON.stringify(sbom(new Date(seconds * 1000)), null, 2)}\n`);
}
