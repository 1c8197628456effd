#!/usr/bin/env node
/**
 * Stand in for a native Solidity compiler: the npm `solc` package (WebAssembly) behind the two calls that forge makes,
 * `--version` and `--standard-json`. Named in foundry.toml; runs on Node 20 and later.
 *
 * `solc-0.8.19.mjs` beside this file does the same with the compiler Morpho Blue was written for.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** Collect the values of a repeatable option, written `--option value` or `--option=value`. */
function valuesOf(option, args) {
  return args.flatMap((arg, index) => {
    if (arg === option) return args.slice(index + 1, index + 2);
    return arg.startsWith(`${option}=`) ? [arg.slice(option.length + 1)] : [];
  });
}

/** Write all of `text` to standard output, which may be a pipe that takes a part at a time. */
function print(text) {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

/**
 * Answer forge as the compiler in the npm package `name` would.
 *
 * Imports that the standard JSON does not carry already remapped are read below `--base-path`, then below each
 * `--include-path`. `--allow-paths` needs no enforcement here and is ignored.
 */
export function run(name, args) {
  const solc = createRequire(import.meta.url)(name);
  if (args.includes('--version')) {
    print(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
    return;
  }
  const roots = [...valuesOf('--base-path', args), ...valuesOf('--include-path', args)];
  const read = (path) => {
    for (const root of roots.length > 0 ? roots : ['.']) {
      try {
        return { contents: readFileSync(resolve(root, path), 'utf8') };
      } catch (error) {
        if (error.code !== 'ENOENT') return { error: error.message };
      }
    }
    return { error: `${path} is below none of ${roots.join(', ')}` };
  };
  print(solc.compile(readFileSync(0, 'utf8'), { import: read }));
}

if (process.argv[1]?.endsWith('/solc.mjs')) run('solc', process.argv.slice(2));
