import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Content } from '../../../local/images/content';
import { buildImage } from '../../../local/images/image';
import { Layer } from '../../../local/images/layer';
import { nodeModules } from '../../../local/images/npm-packages';
import { zip } from '../../../local/images/zip';
import { HARDENED, MINIMIST, supportedOs } from '../../../local/images/zoo/ingredients';
import { mustRun } from '../../../local/tools/command';
import type { AdvisorySource, Facts } from '../../../local/vulnerability-database/facts';

/** The standard library of this Go has CVE-2024-24790. The toolchain comes from the module proxy. */
const OLD_GO = 'go1.22.3';

/**
 * A vulnerable package of each language that Trivy finds in images, most of them twice: what a report says of
 * the file differs from language to language. It is in no zoo, since it takes an old Go to build it.
 */
export async function languages(): Promise<Content> {
  const layer = new Layer()
    .file('usr/local/bin/api', await goProgram('api'), 0o755)
    .file('usr/local/bin/worker', await goProgram('worker'), 0o755)
    .file('app/one/app.deps.json', depsJson())
    .file('app/two/app.deps.json', depsJson())
    .file('srv/one/vendor/composer/installed.json', installedJson())
    .file('srv/two/vendor/composer/installed.json', installedJson())
    .file('opt/venv/lib/python3.13/site-packages/Jinja2-3.1.2.dist-info/METADATA', pythonMetadata())
    .file('usr/lib/python3/dist-packages/Jinja2-3.1.2.dist-info/METADATA', pythonMetadata())
    .file('var/lib/gems/3.3.0/specifications/rack-2.2.2.gemspec', gemspec())
    .file('opt/gems/specifications/rack-2.2.2.gemspec', gemspec())
    .file('app/lib/log4j-core-2.14.1.jar', jar())
    .file('srv/lib/log4j-core-2.14.1.jar', jar())
    .with(await nodeModules([MINIMIST]))
    .with(await nodeModules([MINIMIST], 'srv'));
  return buildImage({ layers: [supportedOs(), layer], config: HARDENED });
}

/** Facts beside those in `advisories/`, written down by hand. */
export const LANGUAGE_FACTS: Facts = {
  sources: [
    {
      bucket: 'go::The Go Vulnerability Database',
      dataSource: { ID: 'govulndb', Name: 'The Go Vulnerability Database', URL: 'https://pkg.go.dev/vuln/' },
      advisories: [
        {
          id: 'CVE-2024-24790',
          vendorId: 'GO-2024-2887',
          package: 'stdlib',
          vulnerable: ['<1.21.11', '>=1.22.0-0, <1.22.4'],
          patched: ['1.21.11', '1.22.4'],
        },
      ],
    },
    ghsa('pip', 'Pip', {
      id: 'CVE-2024-22195',
      vendorId: 'GHSA-h5c8-rqwp-cp95',
      package: 'jinja2',
      vulnerable: ['<3.1.3'],
      patched: ['3.1.3'],
    }),
    ghsa('nuget', 'Nuget', {
      id: 'CVE-2024-21907',
      vendorId: 'GHSA-5crp-9r3c-p9vr',
      package: 'newtonsoft.json',
      vulnerable: ['<13.0.1'],
      patched: ['13.0.1'],
    }),
    ghsa('composer', 'Composer', {
      id: 'CVE-2023-29197',
      vendorId: 'GHSA-wxmh-65f7-jcvw',
      package: 'guzzlehttp/psr7',
      vulnerable: ['<1.9.1', '>=2.0.0, <2.4.5'],
      patched: ['1.9.1', '2.4.5'],
    }),
    ghsa('rubygems', 'RubyGems', {
      id: 'CVE-2022-30123',
      vendorId: 'GHSA-wq4h-7r42-5hrr',
      package: 'rack',
      vulnerable: ['<2.0.9.1', '>=2.1.0, <2.1.4.1', '>=2.2.0, <2.2.3.1'],
      patched: ['2.0.9.1', '2.1.4.1', '2.2.3.1'],
    }),
  ],
  vulnerabilities: {
    'CVE-2024-24790': {
      severity: 'CRITICAL',
      title: 'net/netip: Is methods answer wrongly for mapped addresses',
    },
    'CVE-2024-22195': {
      severity: 'MEDIUM',
      title: 'jinja2: the filter xmlattr lets keys with spaces through',
    },
    'CVE-2024-21907': { severity: 'HIGH', title: 'Newtonsoft.Json: deep nesting exhausts the stack' },
    'CVE-2023-29197': { severity: 'HIGH', title: 'psr7: headers may contain line breaks' },
    'CVE-2022-30123': {
      severity: 'CRITICAL',
      title: 'rack: escape sequences reach the terminal through a log',
    },
  },
};

function ghsa(prefix: string, name: string, advisory: AdvisorySource['advisories'][number]): AdvisorySource {
  return {
    bucket: `${prefix}::GitHub Security Advisory ${name}`,
    dataSource: {
      ID: 'ghsa',
      Name: `GitHub Security Advisory ${name}`,
      URL: `https://github.com/advisories?query=type%3Areviewed+ecosystem%3A${prefix}`,
    },
    advisories: [advisory],
  };
}

async function goProgram(name: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'go-program-'));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  try {
    await write('go.mod', `module example.com/${name}\n\ngo 1.22\n`);
    await write('main.go', `package main\n\nfunc main() { println("${name}") }\n`);
    await mustRun(
      'go',
      ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', 'program', '.'],
      'Go 1.21 or newer must be on PATH, and its module proxy in reach',
      {
        cwd: folder,
        environment: {
          ...process.env,
          GOTOOLCHAIN: OLD_GO,
          CGO_ENABLED: '0',
          GOOS: 'linux',
          GOARCH: 'amd64',
        },
      },
    );
    return await readFile(join(folder, 'program'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function depsJson(): string {
  const library = { 'Newtonsoft.Json/12.0.3': { runtime: { 'lib/netstandard2.0/Newtonsoft.Json.dll': {} } } };
  return JSON.stringify({
    runtimeTarget: { name: '.NETCoreApp,Version=v8.0', signature: '' },
    targets: { '.NETCoreApp,Version=v8.0': library },
    libraries: { 'Newtonsoft.Json/12.0.3': { type: 'package', serviceable: true, sha512: '' } },
  });
}

function installedJson(): string {
  return JSON.stringify({
    packages: [{ name: 'guzzlehttp/psr7', version: '2.4.3', version_normalized: '2.4.3.0', type: 'library' }],
    dev: false,
    'dev-package-names': [],
  });
}

function pythonMetadata(): string {
  return 'Metadata-Version: 2.1\nName: Jinja2\nVersion: 3.1.2\nLicense: BSD-3-Clause\n';
}

function gemspec(): string {
  return [
    '# -*- encoding: utf-8 -*-',
    'Gem::Specification.new do |s|',
    '  s.name = "rack".freeze',
    '  s.version = "2.2.2"',
    '  s.licenses = ["MIT".freeze]',
    'end',
    '',
  ].join('\n');
}

function jar(): Buffer {
  return zip({
    'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties':
      'groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n',
  });
}
