// What Node and npm take from a package.json: each request is a line of paths in hex, each answer a line of JSON.
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { execFileSync } = require('node:child_process');
const { createRequire } = require('node:module');
const { join } = require('node:path');

// npm's own rule for names, from npm
const validate = createRequire(join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm', 'index.js'))(
  'validate-npm-package-name',
);

function packageAt(file) {
  try {
    // as require() does with JSON
    const { name, version } = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    if (typeof name === 'string' && typeof version === 'string' && version !== '' && validate(name).validForOldPackages)
      return [name, version];
  } catch {
    // Node throws, so nobody loads it
  }
  return undefined;
}

createInterface({ input: process.stdin }).on('line', line => {
  const files = line.split(' ').filter(Boolean);
  const found = files.map(hex => packageAt(Buffer.from(hex, 'hex')));
  console.log(JSON.stringify(found.flatMap((each, at) => (each ? [[at, '', ...each]] : []))));
});
