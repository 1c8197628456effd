import { readFile } from 'node:fs/promises';
import { MAX_MESSAGE_BYTES } from '@gavel/protocol';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from './admission.ts';
import { INBOUND_SHARE, MOST_OF_PEER } from './gater.ts';
import {
  ANNOUNCED_HEARTBEATS,
  FRAME_LIMITS,
  HEARTBEAT_MS,
  KEPT_HEARTBEATS,
  MAX_PER_ADDRESS,
  MOST_FRAME,
  MOST_GOSSIP_STREAMS,
  MOST_PENDING,
  MOST_STREAMS,
  MOST_UNSENT,
  NEWCOMER_HEARTBEATS,
  SPARE_CONNECTIONS,
} from './network.ts';
import { MOST_ANNOUNCED } from './newcomers.ts';
import { AWAY_MS, MOST_COPIES, MOST_UNHEARD_FRAMES, PENALISED_EVERY } from './peer-limits.ts';
import { PEER_SCORE, PROTECTED_SCORE, scoreParams, THRESHOLDS, TOPIC_SCORE } from './scores.ts';

const inCode = {
  TOPIC_SCORE,
  PEER_SCORE,
  PROTECTED_SCORE,
  THRESHOLDS,
  PENALISED_EVERY,
  MOST_COPIES,
  MOST_UNHEARD_FRAMES,
  AWAY_MS,
  DEFAULT_LIMITS,
  INBOUND_SHARE,
  MOST_OF_PEER,
  MAX_PER_ADDRESS,
  SPARE_CONNECTIONS,
  MOST_PENDING,
  MOST_STREAMS,
  MOST_GOSSIP_STREAMS,
  MAX_MESSAGE_BYTES,
  MOST_FRAME,
  FRAME_LIMITS,
  MOST_UNSENT,
  HEARTBEAT_MS,
  KEPT_HEARTBEATS,
  NEWCOMER_HEARTBEATS,
  ANNOUNCED_HEARTBEATS,
  MOST_ANNOUNCED,
};

/** Writes nested constants as name → value. */
function flatten(values: object, prefix = ''): [string, unknown][] {
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'object'
      ? flatten(value, `${prefix}${name}.`)
      : [[prefix + name, value] as [string, unknown]],
  );
}

test('docs/reference/network.md gives every limit its value in the code, and a reason', async () => {
  const text = await readFile(new URL('../../../docs/reference/network.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w.]+)` \| (-?[\d.]+) \| (.+) \|$/gm)];
  for (const [, , , reason = ''] of rows) expect(reason.length).toBeGreaterThan(3);
  const written = rows.map(([, name = '', value]) => [name, Number(value)] as const);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(flatten(inCode)));
  expect(written).toHaveLength(flatten(inCode).length);
});

test('gossipsub is given these scores, the same for every topic', () => {
  const params = scoreParams(['one', 'two'], new Set(['friend']));
  expect(params).toMatchObject({ ...PEER_SCORE, topics: { one: TOPIC_SCORE, two: TOPIC_SCORE } });
  expect([params.appSpecificScore('friend'), params.appSpecificScore('other')]).toEqual([PROTECTED_SCORE, 0]);
});
