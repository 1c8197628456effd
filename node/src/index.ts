export { loadConfig } from './config/load.ts';
export type { Config } from './config/schema.ts';
export { type Node, startNode } from './node.ts';
export { createCounters } from './observe/counters.ts';
export { createLogger, type Logger, silentLogger } from './observe/logger.ts';
export { type Gossip, startGossip } from './p2p/gossip.ts';
export type { TopicName, Validation, Validator } from './p2p/validation.ts';
export { Scope } from './scope.ts';
