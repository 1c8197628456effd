import { ORDER_STATES } from '../order/states.ts';

/** Marks a label whose values are not a closed list. A peer must never choose such a value. */
const OPEN = 'open';

/** The description of one counter or gauge: a sentence for people, and each label with its values. */
export type Metric = {
  readonly help: string;
  readonly labels?: Readonly<Record<string, readonly string[] | typeof OPEN>>;
};

const CHAIN = { chain: OPEN } as const;
const RPC = { chain: OPEN, rpc: OPEN } as const;
const REASON = { reason: OPEN } as const;
const TOPIC = ['intents', 'quotes', 'awards'] as const;
const STEP = { step: ['tally', 'first vote', 'second vote'] } as const;
const OFFER = ['sale', 'take', 'fill'] as const;
const HOLDING = { chain: OPEN, purpose: OPEN, symbol: OPEN, token: OPEN } as const;

/** Every counter. Prometheus shows the counter `quote_sent` as `gavel_quote_sent_total`. */
export const COUNTERS = {
  assess_failed: { help: 'Positions that could not be assessed.', labels: REASON },
  auction_step_missed: { help: 'Steps of auctions that failed until their time was over.', labels: STEP },
  auction_step_retried: { help: 'Steps of auctions that failed and were tried again.', labels: STEP },
  auction_step_withheld: {
    help: 'Steps of auctions withheld because the clock is off or the key is used elsewhere.',
    labels: STEP,
  },
  auction_void: {
    help: 'Auctions that this node’s solver quoted in and that nothing can land of any more.',
    labels: { reason: ['no certificate', 'not landed'] },
  },
  certificate: { help: 'Certificates accepted, by attempt.', labels: { attempt: OPEN } },
  clock_answer_refused: { help: 'Answers of peers about the time that were not believed.' },
  clock_asked: {
    help: 'Questions of peers about the time.',
    labels: { code: ['ANSWERED', 'RATE_LIMITED', 'BAD_QUESTION', 'CLOCK_OFF'] },
  },
  clock_off: { help: 'Times this machine’s clock was found to be off.' },
  collect_failed: { help: 'Collections of reimbursements and credits that failed.' },
  collected: {
    help: 'Reimbursements and credits collected.',
    labels: { what: ['reimbursement', 'credit'] },
  },
  competition_entry_dropped: { help: 'Entries left out of the full record of an auction.' },
  competition_not_ranked: { help: 'Auctions that could not be ranked for their record.' },
  competition_not_recorded: { help: 'Entries of auctions that could not be written.' },
  connection_refused: { help: 'Connections refused.', labels: REASON },
  detection_failed: { help: 'Blocks whose positions could not be examined.' },
  fee_cap_reached: { help: 'Transactions held at the fee cap.', labels: CHAIN },
  flagged_position_failed: { help: 'Flagged positions that could not be served.', labels: REASON },
  forward_failed: { help: 'Arrived bridge transfers that could not be forwarded.' },
  gas_money_missing: { help: 'Transactions for which the account has too little gas money.', labels: CHAIN },
  gossip: {
    help: 'Messages judged.',
    labels: { topic: TOPIC, outcome: ['accept', 'ignore', 'reject'], code: OPEN },
  },
  gossip_delivery_failed: { help: 'Accepted messages whose handling failed.', labels: { topic: TOPIC } },
  key_used_elsewhere: {
    help: 'Messages of this node’s key that this node did not sign.',
    labels: { role: ['auctioneer', 'solver'] },
  },
  landing_withheld: { help: 'Landings not sent.', labels: REASON },
  log_left_out: { help: 'Recorded logs that an RPC endpoint left out; they were kept.', labels: CHAIN },
  lost_quote_found: { help: 'Lost quotes read back from their landings.' },
  message_sent_again: {
    help: 'Reports and verdicts sent again because the first did not arrive.',
    labels: { kind: ['report', 'verdict'] },
  },
  money_brought_home: { help: 'Bridge transfers forwarded to their escrow.' },
  nonce_gap_filled: { help: 'Nonces filled with an empty transaction.', labels: CHAIN },
  offer_declined: {
    help: 'Lots, positions and late fills not paid for.',
    labels: { kind: OFFER, reason: OPEN },
  },
  offer_paid: { help: 'Lots, positions and late fills paid for.', labels: { kind: OFFER } },
  order_event: { help: 'Events recorded of orders.', labels: { event: OPEN } },
  order_event_refused: {
    help: 'Events that do not fit the state of their order.',
    labels: { event: OPEN, state: ORDER_STATES },
  },
  order_event_reverted: { help: 'Events undone by a chain reorganisation.', labels: { event: OPEN } },
  order_left: {
    help: 'Orders of the account left to the node that signed their quote.',
    labels: { reason: ['another key', 'key used elsewhere'] },
  },
  overflow: { help: 'Counts of series beyond the most that are kept.' },
  paper_auction: {
    help: 'Auctions bid in on paper.',
    labels: { outcome: ['won', 'lost', 'not ranked'] },
  },
  payment_withheld: { help: 'Payments of won orders withheld.', labels: REASON },
  peer_hung_up: { help: 'Connections ended because the peer misbehaves.' },
  peer_penalised: { help: 'Penalties of peers.', labels: { reason: ['rate', 'copies'] } },
  position_flagged: { help: 'Positions flagged.' },
  position_passed_over: { help: 'Unhealthy positions that cannot be auctioned.', labels: REASON },
  protocol_failed: {
    help: 'Calls of a market’s protocol that failed: its logs may have gone unread.',
    labels: { call: ['positions', 'ownerOf'] },
  },
  proposal_failed: { help: 'Proposals of the position to take first that failed.' },
  publish_refused: { help: 'Messages that could not be published.', labels: { topic: TOPIC, code: OPEN } },
  quote_failed: { help: 'Quotes that could not be sent.' },
  quote_passed_over: { help: 'Quotes that a landing passed over.' },
  quote_rejected: { help: 'Auctions not quoted in, by what decided.', labels: { by: OPEN } },
  quote_sent: { help: 'Quotes sent.', labels: { mode: ['local', 'remote'] } },
  race_lost: { help: 'Transactions that another node sent first.', labels: { stage: OPEN } },
  rpc_answer_refused: { help: 'Answers of RPC endpoints that cannot be true.', labels: RPC },
  rpc_dissent: { help: 'Answers that contradict the quorum.', labels: { ...RPC, question: OPEN } },
  rpc_failed: { help: 'Requests that an RPC endpoint did not answer.', labels: RPC },
  rpc_quarantined: { help: 'Times an RPC endpoint was quarantined.', labels: { ...RPC, reason: OPEN } },
  rpc_quorum_missed: {
    help: 'Questions without enough equal answers.',
    labels: { chain: OPEN, reason: ['NO_QUORUM', 'DISAGREEMENT'] },
  },
  rpc_rate_limited: { help: 'Requests refused by an RPC endpoint as too many.', labels: RPC },
  stage_failed: { help: 'Stages of orders that failed and run again.', labels: { stage: OPEN, code: OPEN } },
  transaction_cancelled: { help: 'Stuck transactions cancelled.', labels: CHAIN },
  transaction_replaced: { help: 'Stuck transactions sent again at a higher fee.', labels: CHAIN },
  vote_withheld: { help: 'Votes withheld because an earlier vote may bind.' },
} as const satisfies Readonly<Record<string, Metric>>;

/** Every gauge. Token amounts are whole tokens, for graphs; the HTTP interface has exact amounts. */
export const GAUGES = {
  gavel_node_info: {
    help: 'Always 1; the labels say what runs.',
    labels: { version: OPEN, network: OPEN, peer_id: OPEN, roles: OPEN },
  },
  gavel_bidding: {
    help: '1 if new quotes are made; 0 if paused, draining, with its key used elsewhere, with the clock off, on paper, or without a solver.',
  },
  gavel_key_contested: {
    help: '1 while another node uses the key of a role: it signs nothing new until the operator chooses a node.',
    labels: { role: ['auctioneer', 'solver'] },
  },
  gavel_clock_offset_seconds: {
    help: 'How far this machine’s clock is ahead (negative: behind), as measured by chains and peers.',
  },
  gavel_clock_uncertainty_seconds: {
    help: 'How far the truth may lie from the measured offset; absent without a bound.',
  },
  gavel_clock_off: { help: '1 while the clock is off for sure: nothing is promised until it is right.' },
  gavel_clock_witnesses: {
    help: 'Chains and peers that the clock is measured by; fewer than three peers decide nothing.',
    labels: { kind: ['chain', 'peer'] },
  },
  gavel_peers: { help: 'Connected peers.' },
  gavel_positions_watched: {
    help: 'Positions known of each watched market.',
    labels: { market: OPEN, chain: OPEN },
  },
  gavel_orders_open: {
    help: 'Orders for which something is left to be done, by state, and whether this node’s solver won them.',
    labels: { state: ORDER_STATES, own: ['true', 'false'] },
  },
  gavel_flags: {
    help: 'Flagged positions that are waiting for their delay or takeable.',
    labels: { state: ['waiting', 'takeable'] },
  },
  gavel_auctions_live: { help: 'Auctions that can still be quoted in, awarded or landed.' },
  gavel_chain_head_block: { help: 'Number of the newest block seen.', labels: CHAIN },
  gavel_chain_head_age_seconds: {
    help: 'Age of the newest block seen, by this machine and the block’s own time.',
    labels: CHAIN,
  },
  gavel_inventory_available_tokens: {
    help: 'Whole tokens of the solver that are not promised.',
    labels: HOLDING,
  },
  gavel_inventory_promised_tokens: {
    help: 'Whole tokens of the solver promised by live quotes and unpaid orders, or locked.',
    labels: HOLDING,
  },
  gavel_inventory_room_tokens: {
    help: 'Whole tokens of the solver that spending limits leave.',
    labels: HOLDING,
  },
  gavel_rpc_batch_size: {
    help: 'Questions that an RPC endpoint takes in one request, by what it has shown.',
    labels: RPC,
  },
  gavel_rpc_in_use: { help: '1 if an RPC endpoint is in use, 0 while it is quarantined.', labels: RPC },
  gavel_rpc_head_block: {
    help: 'Newest block an RPC endpoint has shown, of chains with a quorum of several.',
    labels: RPC,
  },
  gavel_store_bytes: { help: 'Bytes of the records on disk.' },
  gavel_store_free_bytes: {
    help: 'Bytes free on the disk of the records; without any the node stops.',
  },
} as const satisfies Readonly<Record<`gavel_${string}`, Metric>>;

/** The name of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** The name of a gauge. */
export type GaugeName = keyof typeof GAUGES;

/** The labels that a metric of type `M` takes, each with its values. */
export type LabelsOf<M> = M extends { readonly labels: infer L }
  ? { readonly [K in keyof L]: L[K] extends readonly (infer V)[] ? V : string }
  : Readonly<Record<never, string>>;

/** The labels of the counter `N`, as an argument; none for a counter without labels. */
export type CounterLabels<N extends CounterName> = (typeof COUNTERS)[N] extends { readonly labels: unknown }
  ? [labels: LabelsOf<(typeof COUNTERS)[N]>]
  : [];

/** Returns the names of a metric's labels. */
export function labelNames(metric: Metric): string[] {
  return Object.keys(metric.labels ?? {});
}
