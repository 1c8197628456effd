export { loadConfig } from './config/load.ts';
export type { Config } from './config/schema.ts';
export { type Node, startNode } from './node.ts';
export { createLogger, type Logger, silentLogger } from './observe/logger.ts';
export { Scope } from './scope.ts';
