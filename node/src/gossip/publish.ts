import { isGavelError } from '@gavel/protocol';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import type { TopicName } from './validation.ts';

/** Publish bytes on a topic; false if this node itself refuses them, for instance because another node was faster. */
export type Publish = (
  topic: TopicName,
  bytes: Uint8Array,
  fields: Record<string, unknown>,
) => Promise<boolean>;

/** Refusals that only say that somebody else was faster. */
const HARMLESS = new Set(['DUPLICATE', 'LATE', 'STOPPED']);

/** Wrap the gossip layer's publish: what this node refuses itself is counted and logged, never thrown. */
export function createPublish(options: {
  readonly send: (topic: TopicName, bytes: Uint8Array) => Promise<void>;
  readonly log: Logger;
  readonly counters: Counters;
}): Publish {
  const { send, log, counters } = options;
  return async (topic, bytes, fields) => {
    try {
      await send(topic, bytes);
      return true;
    } catch (error) {
      if (!isGavelError(error)) throw error;
      counters.count('publish_refused', { topic, code: error.code });
      if (!HARMLESS.has(error.code)) log.warn({ err: error, topic, ...fields }, 'message not published');
      return false;
    }
  };
}
