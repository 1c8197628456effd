import { addressKey } from '@gavel/protocol';
import { formatUnits } from 'viem';
import { KEY_ROLES } from '../auction/key-guard.ts';
import type { GaugeSource, Reading } from '../observe/gauges.ts';
import { ORDER_STATES } from '../order/states.ts';
import { isClosed } from '../order/views.ts';
import { stateOfFlag } from './present.ts';
import { isOver } from './present-auction.ts';
import type { NodeReader } from './reader.ts';

/**

 * List a node's gauges. Token amounts are whole tokens, for graphs: exact ones are in the HTTP interface.

 */
export function nodeGauges(reader: NodeReader): GaugeSource[] {
  return [
    {
      name: 'gavel_node_info',
      read: () => {
        const { version, network, peerId, roles } = reader;
        return [{ labels: { version, network, peer_id: peerId, roles: roles.join(',') }, value: 1 }];
      },
    },
    {
      name: 'gavel_bidding',
      read: () => [{ value: reader.bidding() === 'on' ? 1 : 0 }],
    },
    {
      name: 'gavel_key_contested',
      read: () =>
        KEY_ROLES.filter((role) => reader.roles.includes(role)).map((role) => ({
          labels: { role },
          value: reader.contestedKeys().includes(role) ? 1 : 0,
        })),
    },
    {
      name: 'gavel_clock_offset_seconds',
      read: () => secondsOf(reader.clock().offsetMs),
    },
    {
      name: 'gavel_clock_uncertainty_seconds',
      read: () => secondsOf(reader.clock().uncertaintyMs),
    },
    {
      name: 'gavel_clock_off',
      read: () => [{ value: reader.clock().state === 'off' ? 1 : 0 }],
    },
    {
      name: 'gavel_clock_witnesses',
      read: () => {
        const { chains, peers } = reader.clock();
        return [
          { labels: { kind: 'chain' }, value: chains },
          { labels: { kind: 'peer' }, value: peers },
        ];
      },
    },
    {
      name: 'gavel_peers',
      read: () => [{ value: reader.peers().length }],
    },
    {
      name: 'gavel_positions_watched',
      read: () =>
        reader.watched.map(({ market, chain, source }) => ({
          labels: { market, chain },
          value: source.size(),
        })),
    },
    {
      name: 'gavel_orders_open',
      read: () => {
        const open = reader.orders().filter((view) => !isClosed(view));
        return ORDER_STATES.flatMap((state) =>
          [true, false].map((own) => ({
            labels: { state, own: own ? 'true' : 'false' },
            value: open.filter((view) => view.state === state && reader.isOwn(view) === own).length,
          })),
        );
      },
    },
    {
      name: 'gavel_flags',
      read: () => {
        const times = new Map(reader.heads().map(({ chain, time }) => [chain, time]));
        const states = reader.flags().map((flag) => stateOfFlag(flag, times.get(flag.chain)));
        return (['waiting', 'takeable'] as const).map((state) => ({
          labels: { state },
          value: states.filter((found) => found === state).length,
        }));
      },
    },
    {
      name: 'gavel_auctions_live',
      read: () => {
        const now = reader.now();
        const live = reader.auctions().filter(({ observed }) => !isOver(observed.intent.openBy, now));
        return [{ value: live.length }];
      },
    },
    {
      name: 'gavel_chain_head_block',
      read: () =>
        reader
          .heads()
          .flatMap(({ chain, block }) =>
            block === undefined ? [] : [{ labels: { chain }, value: Number(block) }],
          ),
    },
    {
      name: 'gavel_chain_head_age_seconds',
      read: () =>
        reader
          .heads()
          .flatMap(({ chain, ageMs }) =>
            ageMs === undefined ? [] : [{ labels: { chain }, value: Number(ageMs) / 1_000 }],
          ),
    },
    holdingGauge(reader, 'available'),
    holdingGauge(reader, 'promised'),
    holdingGauge(reader, 'room'),
  ];
}

function secondsOf(ms: number | undefined): Reading[] {
  return ms === undefined ? [] : [{ value: ms / 1_000 }];
}

function holdingGauge(reader: NodeReader, part: 'available' | 'promised' | 'room'): GaugeSource {
  return {
    name: `gavel_inventory_${part}_tokens`,
    async read() {
      const holdings = (await reader.solver?.holdings()) ?? [];
      return holdings.flatMap((holding) => {
        const { chain, purpose, token } = holding;
        const amount = holding[part];
        if (amount === undefined) return [];
        const labels = { chain, purpose, symbol: token.symbol, token: addressKey(token.address) };
        return [{ labels, value: Number(formatUnits(amount, token.decimals)) }];
      });
    },
  };
}
