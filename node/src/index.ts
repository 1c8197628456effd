export { loadConfig } from './config/load.ts';
export type { Config } from './config/schema.ts';
export { type Gossip, startGossip } from './gossip/gossip.ts';
export type { TopicName, Validation, Validator } from './gossip/validation.ts';
export { type Node, startNode } from './node.ts';
export { createLogger, type Logger, silentLogger } from './observe/logger.ts';
export { silentTelemetry, type Telemetry } from './observe/telemetry.ts';
export { Scope } from './runtime/scope.ts';
