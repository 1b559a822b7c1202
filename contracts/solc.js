#!/usr/bin/env node
// Shows npm's compiler (WebAssembly) to forge and slither as if it were the native `solc`, so that tests and analysis use
// exactly the compiler of the artifacts and need no network.
'use strict';
const fs = require('fs');
const path = require('path');
const solc = require('solc');

const options = process.argv.slice(2);

function valuesOf(name) {
  return options.flatMap((option, index) => (options[index - 1] === name ? [option] : []));
}

function reader(roots) {
  return (unit) => {
    const found = roots.map((root) => path.join(root, unit)).find((file) => fs.existsSync(file));
    return found ? { contents: fs.readFileSync(found, 'utf8') } : { error: `no source file ${unit}` };
  };
}

if (options.includes('--version')) {
  const version = solc.version().replace('Emscripten.clang', 'Linux.g++');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (options.includes('--standard-json')) {
  const roots = [...valuesOf('--base-path'), ...valuesOf('--include-path'), '.', '/'];
  const input = JSON.parse(fs.readFileSync(0, 'utf8'));
  for (const [unit, source] of Object.entries(input.sources)) {
    if (source.content !== undefined) continue;
    const file = source.urls.map((url) => url.replace(/^file:\/\//, '')).find((name) => fs.existsSync(name));
    if (file) input.sources[unit] = { content: fs.readFileSync(file, 'utf8') };
  }
  fs.writeSync(1, solc.compile(JSON.stringify(input), { import: reader(roots) }));
} else {
  console.error(`solc.js knows --version and --standard-json, not: ${options.join(' ')}`);
  process.exit(1);
}
