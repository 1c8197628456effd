import { isGavelError } from '@gavel/protocol';
import type { Telemetry } from '../observe/telemetry.ts';
import type { TopicName } from './validation.ts';

/**
 * Publish bytes on a topic; false if this node itself refuses them, for instance because another node was
 * faster.
 */
export type Publish = (
  topic: TopicName,
  bytes: Uint8Array,
  fields: Record<string, unknown>,
) => Promise<boolean>;

/** Refusals that only mean that another peer was faster. */
const HARMLESS = new Set(['DUPLICATE', 'LATE', 'STOPPED']);

/** Wraps the gossip layer's publish: what this node refuses itself is counted and logged, never thrown. */
export function createPublish(options: {
  readonly send: (topic: TopicName, bytes: Uint8Array) => Promise<void>;
  readonly telemetry: Telemetry;
}): Publish {
  const { send } = options;
  const { log, metrics } = options.telemetry;
  return async (topic, bytes, fields) => {
    try {
      await send(topic, bytes);
      return true;
    } catch (error) {
      if (!isGavelError(error)) throw error;
      metrics.count('publish_refused', { topic, code: error.code });
      if (!HARMLESS.has(error.code)) log.warn({ err: error, topic, ...fields }, 'message not published');
      return false;
    }
  };
}
