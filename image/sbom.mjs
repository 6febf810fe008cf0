#!/usr/bin/node
// sbom.mjs - what an ISO is made of, with licences, as SPDX 2.3 JSON.
//
// usage: sbom.mjs OS-ROOT VERSION OUT.spdx.json OUT.packages PATH=FILE ...        (inside the build root, in the project)
//
// OUT.packages is the short form: name and version of each Debian package, a line each.
//
// Debian's packages in the OS image (OS-ROOT), those of the build root that are on the medium, in the initrd or in
// Syncthing, the npm packages in the page, and our programs. Licences are what Debian's copyright files say: by their
// short names where the file is machine-readable, else by its whole text. It is made before the ISO, which has it as
// a file: so the manifest has its digest, and a signature covers it. What it is about it says by the SHA-256 of the
// images (FILE is PATH on the ISO). The same inputs and SOURCE_DATE_EPOCH give the same bytes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';

// What the recipes copy from the build root; the libraries of these files come with them.
const LOADER_RECIPES = ['image/grub-modules.sh', 'image/hybrid.sh'];
const INITRD_RECIPE = 'image/initrd-programs.sh';
const INITRD_FILES = ['/usr/bin/busybox', '/etc/mke2fs.conf', '/usr/lib/x86_64-linux-gnu/gconv/IBM850.so',
  '/usr/lib/locale/C.utf8/LC_CTYPE', '/usr/share/terminfo/l/linux', '/lib/terminfo/l/linux'];
const PROGRAM_RECIPE = 'Makefile.programs';
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

// Debian's short names that SPDX spells differently; the others are SPDX's own or become LicenseRefs.
const SPDX_NAMES = {
  'GPL-1': 'GPL-1.0-only', 'GPL-1+': 'GPL-1.0-or-later', 'GPL-2': 'GPL-2.0-only', 'GPL-2+': 'GPL-2.0-or-later',
  'GPL-2.0': 'GPL-2.0-only', 'GPL-2.0+': 'GPL-2.0-or-later', 'GPL-3': 'GPL-3.0-only', 'GPL-3+': 'GPL-3.0-or-later',
  'GPL-3.0': 'GPL-3.0-only', 'GPL-3.0+': 'GPL-3.0-or-later', 'LGPL-2': 'LGPL-2.0-only', 'LGPL-2+': 'LGPL-2.0-or-later',
  'LGPL-2.0+': 'LGPL-2.0-or-later', 'LGPL-2.1': 'LGPL-2.1-only', 'LGPL-2.1+': 'LGPL-2.1-or-later',
  'LGPL-3': 'LGPL-3.0-only', 'LGPL-3+': 'LGPL-3.0-or-later', 'AGPL-3': 'AGPL-3.0-only', 'AGPL-3+': 'AGPL-3.0-or-later',
  'Apache-2.0': 'Apache-2.0', 'BSD-2-clause': 'BSD-2-Clause', 'BSD-3-clause': 'BSD-3-Clause',
  'BSD-4-clause': 'BSD-4-Clause', 'BSD-2-Clause': 'BSD-2-Clause', 'BSD-3-Clause': 'BSD-3-Clause', 'BSL-1.0': 'BSL-1.0',
  'CC0-1.0': 'CC0-1.0', 'CC0': 'CC0-1.0', 'Expat': 'MIT', 'expat': 'MIT', 'MIT': 'MIT', 'BSD-4-Clause': 'BSD-4-Clause', 'Apache-2': 'Apache-2.0', 'ISC': 'ISC', 'Zlib': 'Zlib', 'zlib': 'Zlib',
  'MPL-2.0': 'MPL-2.0', 'OFL-1.1': 'OFL-1.1', 'OpenSSL': 'OpenSSL', 'Artistic': 'Artistic-1.0-Perl',
  'GFDL-1.2+': 'GFDL-1.2-or-later', 'GFDL-1.3+': 'GFDL-1.3-or-later', 'Python-2.0': 'Python-2.0', '0BSD': '0BSD',
};

const extracted = new Map(); // LicenseRef -> text

function die(message) {
  console.error(`sbom.mjs: ${message}`);
  process.exit(1);
}

function run(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
}

const idOf = (text) => text.replace(/[^A-Za-z0-9.-]/g, '-');

function reference(name, text) {
  const id = `LicenseRef-${idOf(name)}`;
  if (!extracted.has(id)) extracted.set(id, text);
  return id;
}

function spdxName(name) {
  return SPDX_NAMES[name] ?? reference(name, `Named "${name}" in a Debian copyright file; the file has its text.`);
}

// "GPL-2+ or Artistic, and MIT": the names between the words, in SPDX's form.
function expression(line) {
  const parts = line.split(/\s*(?:,\s*(?:and|or)\b|\b(?:and\/or|and|or)\b|[,|])\s*/i).map((part) => part.trim());
  return parts.filter(Boolean).map((part) => spdxName(part.replace(/\s+(with|exception)\b.*/i, '')));
}

function licenceOf(root, name) {
  const path = `${root}/usr/share/doc/${name}/copyright`;
  if (!existsSync(path)) return 'NOASSERTION';
  const text = readFileSync(path, 'latin1');
  if (!/^Format:.*copyright-format/im.test(text)) return reference(`debian-${name}`, text);
  const names = [...text.matchAll(/^License:[ \t]*(\S.*)$/gim)].flatMap((match) => expression(match[1]));
  return names.length ? [...new Set(names)].sort().join(' AND ') : 'NOASSERTION';
}

// Debian packages of a root: all, or those named.
function debian(root, names = []) {
  const format = ['binary:Package', 'Version', 'Architecture', 'source:Package', 'source:Version', 'Homepage',
    'Maintainer'].map((field) => `\${${field}}`).join('\t') + '\n';
  const admin = root === '/' ? [] : [`--admindir=${root}/var/lib/dpkg`];
  return run('dpkg-query', ...admin, '-W', '-f', format, ...names).trim().split('\n').map((line) => {
    const [full, version, arch, source, sourceVersion, homepage, maintainer] = line.split('\t');
    const name = full.split(':')[0];
    return {
      name, SPDXID: `SPDXRef-deb-${idOf(`${name}-${version}-${arch}`)}`, versionInfo: version,
      supplier: `Person: ${maintainer}`, downloadLocation: 'NOASSERTION', filesAnalyzed: false,
      homepage: homepage || 'NOASSERTION', sourceInfo: `built from Debian source package ${source} ${sourceVersion}`,
      licenseConcluded: 'NOASSERTION', licenseDeclared: licenceOf(root, name), copyrightText: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl',
        referenceLocator: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}` }],
    };
  });
}

// The Debian packages of files of the build root.
function owners(files) {
  return files.map((file) => {
    for (const path of [file, file.replace(/^\/usr\//, '/'), `/usr${file}`]) {
      try {
        const said = execFileSync('dpkg', ['-S', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
        return said.split('\n').find((line) => !line.startsWith('diversion by')).split(':')[0];
      } catch { /* by its other name: /bin is /usr/bin */ }
    }
    return die(`${file} is of no package`);
  });
}

function librariesOf(program) {
  let text = '';
  try {
    text = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch { /* a static program, or none */ }
  return [...text.matchAll(/(?:=> )?(\/\S+) \(/g)].map((match) => realpathSync(match[1]));
}

function loaderFiles() {
  const found = LOADER_RECIPES.flatMap((recipe) => readFileSync(recipe, 'utf8').match(/\/usr\/lib\/(?:shim|grub)\/[\w./-]+/g) ?? []);
  if (!found.length) die('the recipes of the loaders copy nothing');
  return found;
}

function initrdFiles() {
  const tools = readFileSync(INITRD_RECIPE, 'utf8').match(/^tools='([^']*)'/m)?.[1].split(/\s+/) ?? die(`${INITRD_RECIPE} has no tools`);
  const programs = [...tools, ...INITRD_FILES.filter((file) => existsSync(file))];
  return [...programs, ...programs.flatMap(librariesOf)].map((file) => realpathSync(file));
}

// What palette-install is linked with statically.
function staticLibraries() {
  const words = readFileSync(PROGRAM_RECIPE, 'utf8').replace(/\\\n/g, ' ').match(/-Wl,-Bstatic (.*?)-Wl,-Bdynamic/)?.[1];
  return (words ?? die(`${PROGRAM_RECIPE} links nothing statically`)).match(/-l\w+/g).map((word) => `${LIBRARIES}/lib${word.slice(2)}.a`);
}

// Syncthing is compiled from packages of source; it is Debian's, not ours.
const SYNCTHING = 'syncthing';
const syncthingPackages = () => run('image/syncthing.sh', '--packages').trim().split('\n');

function npm() {
  const lock = JSON.parse(readFileSync('localui/web/package-lock.json', 'utf8'));
  return Object.entries(lock.packages).filter(([path, entry]) => path && !entry.dev).map(([path, entry]) => {
    const name = path.replace(/^.*node_modules\//, '');
    return {
      name, SPDXID: `SPDXRef-npm-${idOf(`${name}-${entry.version}`)}`, versionInfo: entry.version,
      downloadLocation: 'NOASSERTION', filesAnalyzed: false, licenseConcluded: 'NOASSERTION',
      licenseDeclared: entry.license ?? 'NOASSERTION', copyrightText: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl',
        referenceLocator: `pkg:npm/${name.replace('@', '%40')}@${entry.version}` }],
    };
  });
}

function own(name, id, version) {
  return { name, SPDXID: `SPDXRef-${id}`, versionInfo: version, downloadLocation: 'NOASSERTION', filesAnalyzed: false,
    licenseConcluded: 'Apache-2.0', licenseDeclared: 'Apache-2.0', copyrightText: 'NOASSERTION' };
}

async function sha256(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

const [root, version, out, list, ...images] = process.argv.slice(2);
if (!images.length) die('usage: sbom.mjs OS-ROOT VERSION OUT.spdx.json OUT.packages PATH=FILE ...');
if (!process.env.SOURCE_DATE_EPOCH) die('SOURCE_DATE_EPOCH must be set: the build has to be reproducible');
// Of many works, each with its own licence.
const whole = (name, id) => ({ ...own(name, id, version), licenseConcluded: 'NOASSERTION', licenseDeclared: 'NOASSERTION' });
const medium = whole('palette-edge', 'iso');
const parts = [];
for (const [path, file] of images.map((image) => image.split('='))) {
  parts.push({ ...whole(path, `image-${idOf(path)}`), packageFileName: path,
    checksums: [{ algorithm: 'SHA256', checksumValue: await sha256(file) }] });
}
const digest = createHash('sha256').update(parts.map((part) => part.checksums[0].checksumValue).join()).digest('hex');
const programs = ['palette-install', 'palette-init', 'palette-console',
  ...readFileSync('image/os-programs.list', 'utf8').split('\n').filter((name) => name && name !== SYNCTHING)];
const build = [...new Set([...owners([...loaderFiles(), ...initrdFiles(), ...staticLibraries()]), ...syncthingPackages()])];
const contained = new Map();
for (const found of [...parts, ...[...new Set(programs)].map((name) => own(name, `program-${name}`, version)),
  ...debian(root), ...debian('/', build), ...npm()]) contained.set(found.SPDXID, found);
const packages = [...contained.values()].sort((a, b) => (a.SPDXID < b.SPDXID ? -1 : 1));

writeFileSync(`${out}.new`, JSON.stringify({
  spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT', name: `palette-edge-${version}`,
  documentNamespace: `https://spdx.org/spdxdocs/palette-edge-${version}-${digest.slice(0, 32)}`,
  creationInfo: { created: new Date(process.env.SOURCE_DATE_EPOCH * 1000).toISOString().replace('.000', ''),
    creators: ['Tool: image/sbom.mjs'] },
  packages: [medium, ...packages],
  hasExtractedLicensingInfos: [...extracted].sort().map(([licenseId, extractedText]) => ({ licenseId, extractedText })),
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-iso' },
    ...packages.map(({ SPDXID }) => ({ spdxElementId: 'SPDXRef-iso', relationshipType: 'CONTAINS',
      relatedSpdxElement: SPDXID })),
  ],
}, null, 1) + '\n');
renameSync(`${out}.new`, out);
writeFileSync(list, packages.filter(({ SPDXID }) => SPDXID.startsWith('SPDXRef-deb-'))
  .map(({ name, versionInfo }) => `${name}\t${versionInfo}\n`).sort().join(''));
