import { formatUnits } from 'viem';
import type { GaugeSource, Reading } from '../observe/gauges.ts';
import { ORDER_STATES } from '../order/states.ts';
import { isClosed } from '../order/views.ts';
import { stateOfFlag } from './present.ts';
import { isOver } from './present-auction.ts';
import type { NodeReader } from './reader.ts';

const HOLDING_LABELS = ['chain', 'purpose', 'symbol', 'token'] as const;

/** List a node's gauges. Token amounts are whole tokens, for graphs: exact ones are in the HTTP interface. */
export function nodeGauges(reader: NodeReader): GaugeSource[] {
  return [
    {
      name: 'gavel_node_info',
      help: 'Always 1; the labels say what runs.',
      labels: ['version', 'network', 'peer_id', 'roles'],
      read: () => {
        const { version, network, peerId, roles } = reader;
        return [{ labels: { version, network, peer_id: peerId, roles: roles.join(',') }, value: 1 }];
      },
    },
    {
      name: 'gavel_bidding',
      help: '1 if new quotes are made; 0 if paused, draining, with the clock off, on paper, or without a solver.',
      read: () => [{ value: reader.bidding() === 'on' ? 1 : 0 }],
    },
    {
      name: 'gavel_clock_offset_seconds',
      help: 'How far this machine’s clock is ahead (negative: behind), as measured by chains and peers.',
      read: () => secondsOf(reader.clock().offsetMs),
    },
    {
      name: 'gavel_clock_uncertainty_seconds',
      help: 'How far the truth may lie from the measured offset; absent without a bound.',
      read: () => secondsOf(reader.clock().uncertaintyMs),
    },
    {
      name: 'gavel_clock_off',
      help: '1 while the clock is off for sure: nothing is promised until it is right.',
      read: () => [{ value: reader.clock().state === 'off' ? 1 : 0 }],
    },
    {
      name: 'gavel_clock_witnesses',
      help: 'Chains and peers that the clock is measured by; fewer than three peers decide nothing.',
      labels: ['kind'],
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
      help: 'Connected peers.',
      read: () => [{ value: reader.peers().length }],
    },
    {
      name: 'gavel_positions_watched',
      help: 'Positions known of each watched market.',
      labels: ['market', 'chain'],
      read: () =>
        reader.watched.map(({ market, chain, source }) => ({
          labels: { market, chain },
          value: source.size(),
        })),
    },
    {
      name: 'gavel_orders_open',
      help: 'Orders for which something is left to be done, by state, and whether this node’s solver won them.',
      labels: ['state', 'own'],
      read: () => {
        const open = reader.orders().filter((view) => !isClosed(view));
        return ORDER_STATES.flatMap((state) =>
          [true, false].map((own) => ({
            labels: { state, own: String(own) },
            value: open.filter((view) => view.state === state && reader.isOwn(view) === own).length,
          })),
        );
      },
    },
    {
      name: 'gavel_flags',
      help: 'Flagged positions that are waiting for their delay or takeable.',
      labels: ['state'],
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
      help: 'Auctions that can still be quoted in, awarded or landed.',
      read: () => {
        const now = reader.now();
        const live = reader.auctions().filter(({ observed }) => !isOver(observed.intent.openBy, now));
        return [{ value: live.length }];
      },
    },
    {
      name: 'gavel_chain_head_block',
      help: 'Number of the newest block seen.',
      labels: ['chain'],
      read: () =>
        reader
          .heads()
          .flatMap(({ chain, block }) =>
            block === undefined ? [] : [{ labels: { chain }, value: Number(block) }],
          ),
    },
    {
      name: 'gavel_chain_head_age_seconds',
      help: 'Age of the newest block seen, by this machine and the block’s own time.',
      labels: ['chain'],
      read: () =>
        reader
          .heads()
          .flatMap(({ chain, ageMs }) =>
            ageMs === undefined ? [] : [{ labels: { chain }, value: Number(ageMs) / 1_000 }],
          ),
    },
    holdingGauge(reader, 'available', 'that are not promised'),
    holdingGauge(reader, 'promised', 'promised by live quotes and unpaid orders, or locked'),
    holdingGauge(reader, 'room', 'that spending limits leave'),
  ];
}

function secondsOf(ms: number | undefined): Reading[] {
  return ms === undefined ? [] : [{ value: ms / 1_000 }];
}

function holdingGauge(
  reader: NodeReader,
  part: 'available' | 'promised' | 'room',
  what: string,
): GaugeSource {
  return {
    name: `gavel_inventory_${part}_tokens`,
    help: `Whole tokens of the solver ${what}.`,
    labels: HOLDING_LABELS,
    async read() {
      const holdings = (await reader.solver?.holdings()) ?? [];
      return holdings.flatMap((holding) => {
        const { chain, purpose, token } = holding;
        const amount = holding[part];
        if (amount === undefined) return [];
        const labels = { chain, purpose, symbol: token.symbol, token: token.address.toLowerCase() };
        return [{ labels, value: Number(formatUnits(amount, token.decimals)) }];
      });
    },
  };
}
