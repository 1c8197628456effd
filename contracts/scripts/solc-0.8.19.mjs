#!/usr/bin/env node
/** Stand in for Solidity 0.8.19, which Morpho Blue's own sources ask for by exact version. */
import { run } from './solc.mjs';

run('solc-0.8.19', process.argv.slice(2));
