import { z } from 'zod';
import { KEY_ROLES } from '../auction/key-guard.ts';
import { CLOCK_STATES } from '../clock/watch.ts';
import { ORDER_STATES } from '../order/states.ts';

const amount = z.string().regex(/^\d+$/).describe('A whole number in the smallest unit of its token.');
const hex = z.string().regex(/^0x[0-9a-fA-F]*$/);
const milliseconds = z.int().describe('Unix time in milliseconds.');
const peerId = z
  .string()
  .describe('The peer that brought it, not its author; this node’s own id if it is its own.');
const seconds = z.int().describe('Unix time in seconds.');

/** How a node is. */
export const health = z.object({
  status: z.literal('ok'),
  version: z.string(),
  network: z.string(),
  peerId: z.string(),
  roles: z.array(z.string()),
  startedAt: milliseconds,
  bidding: z
    .enum(['on', 'paused', 'draining', 'key', 'clock', 'dry run', 'no solver'])
    .describe(
      'key: another node uses the solver’s key; clock: this machine’s clock is off, nothing is promised until it is right.',
    ),
  contestedKeys: z
    .array(z.enum(KEY_ROLES))
    .describe('Roles whose key another node uses: they sign nothing new until gavel claim-key.'),
  clock: z
    .object({
      state: z
        .enum(CLOCK_STATES)
        .describe(
          'right, off: within or beyond its bound for sure. uncertain: measured too coarsely to tell.',
        ),
      offsetMs: z.number().optional().describe('Milliseconds by which it is ahead; negative: behind.'),
      uncertaintyMs: z.number().optional().describe('How far the truth may lie from that; none: unbounded.'),
      chains: z.int().describe('Chains it is measured by.'),
      peers: z.int().describe('Peers it is measured by; fewer than three decide nothing.'),
    })
    .describe('This machine’s clock, measured by the blocks of chains and by peers.'),
  rpc: z
    .array(
      z.object({
        chain: z.string(),
        rpc: z.string().describe('The endpoint’s URL without what may be secret.'),
        inUse: z.boolean(),
        reasons: z.array(z.string()).describe('Why it is not in use.'),
        forMs: z.int().optional().describe('Milliseconds until it is tried again, if they are known.'),
        batchSize: z.int().optional().describe('Questions that it takes in one request; none: a websocket.'),
        head: z.int().optional().describe('The newest block it has shown.'),
      }),
    )
    .describe('Every endpoint of every chain.'),
});

/** Whether a node can do its work now, and if not, why. */
export const readiness = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ check: z.string(), ok: z.boolean(), found: z.string() })),
});

const transaction = z.object({ event: z.string(), chain: z.string(), tx: hex, block: z.int() });

/** An order: one awarded intent, and what became of it. */
export const order = z.object({
  intent: hex,
  orderId: hex.optional(),
  state: z.enum(ORDER_STATES as [string, ...string[]]),
  closed: z.boolean().describe('Nothing is left to be done.'),
  market: z.string().optional(),
  mode: z.enum(['local', 'remote']).optional(),
  solver: hex.optional(),
  collateral: hex.optional(),
  debt: hex.optional(),
  repaid: amount.optional(),
  seized: amount.optional(),
  ask: amount.optional(),
  payDomain: z.int().optional(),
  payToken: hex.optional(),
  payAmount: amount.optional(),
  quoteBy: milliseconds.optional(),
  openBy: seconds.optional().describe('Unix time in seconds by which it had to land.'),
  exclusiveUntil: seconds.optional(),
  fillDeadline: seconds.optional(),
  expiresAt: seconds
    .optional()
    .describe('Unix time in seconds from which an unproved order may be put on sale.'),
  sale: z
    .object({
      debt: amount.describe('The price that the sale begins with.'),
      floor: amount.describe('The price that it falls to until restUntil; afterwards it halves daily.'),
      restUntil: seconds,
      sold: z.object({ buyer: hex, recipient: hex, lot: amount, price: amount }).optional(),
    })
    .optional()
    .describe('The home sale of a lot that nobody proved paid.'),
  heldBond: z
    .object({
      amount,
      readyAt: seconds.describe('Unix time in seconds from which it may be forfeited.'),
      outcome: z.enum(['held', 'freed', 'forfeited']),
    })
    .optional()
    .describe('What stays locked of the bond after a late payment or a sale.'),
  transactions: z.array(transaction),
});

/** An order with everything recorded of it. */
export const orderRecord = order.extend({
  events: z.array(z.looseObject({ type: z.string() })).describe('The record itself, oldest first.'),
});

/** A quote of this node's solver. */
export const quote = z.object({
  digest: hex,
  intent: hex,
  market: z.string(),
  outcome: z
    .enum(['open', 'awarded', 'won', 'lost', 'lapsed', 'paper'])
    .describe('awarded: ranked first, not landed yet. lapsed: nothing landed in time. paper: never sent.'),
  ask: amount,
  payDomain: z.int(),
  payToken: hex,
  payAmount: amount,
  bond: amount,
  repay: amount,
  seizable: amount,
  openBy: seconds.describe('Unix time in seconds until which the quote binds.'),
});

const quoted = z.object({ digest: hex, solver: hex, ask: amount, payDomain: z.int() });

/** An auction as this node has seen it. */
export const auction = z.object({
  intent: hex,
  market: z.string(),
  position: hex,
  positionKey: hex,
  round: amount,
  phase: z.enum(['quoting', 'awarding', 'landing', 'over']),
  collateral: hex,
  debt: hex,
  repay: amount,
  seizable: amount,
  observedBlock: z.int(),
  seenAt: milliseconds.describe('When this node first saw the intent.'),
  quoteBy: milliseconds,
  openBy: seconds,
  quotes: z.array(
    quoted.extend({
      at: milliseconds.describe('When this node learnt of it.'),
      from: peerId,
      inTime: z.boolean().describe('Whether it came here by quoteBy, and by itself.'),
      besideTallyOf: hex.optional().describe('It was first seen beside this auctioneer’s tally.'),
      place: z.int().optional().describe('Its place in the ranking, from 1.'),
      excluded: z
        .string()
        .optional()
        .describe(
          'Why it has none: NOT_COVERED, OUTBID, …; LATE here; or NOT_TALLIED by enough auctioneers.',
        ),
    }),
  ),
  tallies: z.int(),
  votes: z.int(),
  certificate: z.object({ attempt: z.int(), ranked: z.array(quoted) }).optional(),
});

/** An auction with everything witnessed of it. */
export const auctionRecord = auction.extend({
  record: z.object({
    refused: z.array(
      z.object({
        at: milliseconds,
        from: peerId,
        code: z.string(),
        solver: hex.describe('As the quote says: nothing in a refused quote need be true.'),
        ask: amount,
        payDomain: z.int(),
      }),
    ),
    refusedMissing: z.boolean().describe('More quotes were refused than are kept.'),
    talliesNeeded: z.int().describe('Tallies that must carry a quote for it to count.'),
    tallies: z.array(z.object({ at: milliseconds, from: peerId, author: hex, quotes: z.array(hex) })),
    votes: z.array(
      z.object({
        at: milliseconds,
        from: peerId,
        voter: hex,
        attempt: z.int(),
        ranked: z.array(hex),
        cited: z.array(hex).describe('Ids of the tallies counted.'),
      }),
    ),
    rankings: z.array(
      z.object({
        at: milliseconds,
        attempt: z.int(),
        own: z.boolean().describe('This node’s auctioneer voted so; otherwise it would have.'),
        ranked: z.array(hex),
        excluded: z.array(z.object({ digest: hex, reason: z.string() })),
      }),
    ),
    certificate: z
      .object({
        at: milliseconds,
        from: peerId,
        attempt: z.int(),
        ranked: z.array(hex),
        signatures: z.int(),
      })
      .optional(),
    passedOver: z
      .array(z.object({ at: milliseconds, quote: hex, reason: hex }))
      .describe('Ranked quotes that the escrow tried in vain.'),
  }),
  order: order.optional().describe('What became of the award, if this node keeps its order.'),
});

/** A watched position. */
export const position = z.object({ market: z.string(), chain: z.string(), position: hex, owner: z.string() });

/** A position that was flagged: any account may take it. */
export const flag = z.object({
  market: z.string(),
  chain: z.string(),
  position: hex,
  positionKey: hex,
  state: z
    .enum(['waiting', 'takeable', 'cleared', 'lapsed'])
    .describe('By the log and the chain’s own time; waiting: its delay runs.'),
  takeableFrom: seconds,
  lapsesAt: seconds,
  taken: z
    .object({ taker: hex, tx: hex, repaid: amount, lot: amount })
    .optional()
    .describe('The last take of it.'),
});

/** What the solver has of a token. */
export const holding = z.object({
  chain: z.string(),
  purpose: z.enum(['payment', 'bond', 'gas']),
  symbol: z.string(),
  token: hex,
  decimals: z.int(),
  holder: hex,
  balance: amount,
  promised: amount,
  available: amount,
  room: amount.optional().describe('What spending limits leave of it now.'),
});

/** A connected peer. */
export const peer = z.object({ peerId: z.string(), topics: z.array(z.string()) });

/** One event, in the words of the log. */
export const eventLine = z.object({ id: z.int(), at: milliseconds, msg: z.string() }).loose();

/** What was refused and why. */
export const refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    meta: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** Whether the node bids. */
export const bidding = z.object({ bidding: health.shape.bidding });

/** The keys that a node goes on with, and whether it bids. */
export const claimed = z.object({ claimed: health.shape.contestedKeys, bidding: health.shape.bidding });
