/*
 * How far a clock is off, from evidence alone. The evidence says when a steady clock, which cannot be set,
 * stood at zero: its epoch, in Unix milliseconds. So it stays valid when the wall clock is set, and a
 * wall clock that jumps is found out at the next look. Numbers are milliseconds; an interval may be open to
 * one side.
 */

/** Where a value lies for sure, if its witness is honest, and what it is best taken for. */
export type Interval = { readonly least: number; readonly best: number; readonly most: number };

/** A block's time, and the steady clock when the block arrived. */
export type SeenHead = { readonly timestamp: number; readonly at: number };

/** The four times of one question for the time: two of our steady clock, two of the peer's wall clock. */
export type Exchange = {
  readonly sent: number;
  readonly theirReceived: number;
  readonly theirSent: number;
  readonly received: number;
};

/** Peers without whose number nothing is concluded: of two that differ, either may be right. */
export const LEAST_PEERS = 3;

/** Heads without whose number nothing is known of how late a chain's blocks come. */
const LEAST_HEADS = 4;

/**
 * How far an honest block's time may lie ahead: block times are whole seconds, and proposers have clocks of
 * their own.
 */
const BLOCK_AHEAD_MS = 1_000;

/** Peers answer in whole milliseconds, rounded down. */
const TICK_MS = 1;

/**
 * Finds the epoch from a chain's heads, oldest first. A block may come late, but no honest one comes before
 * its time: so each bounds the epoch from below, and the newest that came soonest bounds it best. How late
 * even that one came is at most `pollMs`, and the time of as many blocks as an endpoint may lag; that is the
 * other bound, given only while the chain runs at the pace of our own clock, and not, for instance, while it
 * catches up.
 */
export function epochOfHeads(
  heads: readonly SeenHead[],
  { pollMs, maxLagBlocks }: { readonly pollMs: number; readonly maxLagBlocks: number },
): Interval | undefined {
  const [first] = heads;
  const last = heads.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const best = Math.max(...heads.map(({ timestamp, at }) => timestamp - at));
  const steps = heads.slice(1).map(({ timestamp }, index) => timestamp - (heads[index]?.timestamp ?? 0));
  const longest = Math.max(0, ...steps);
  const gained = last.timestamp - last.at - (first.timestamp - first.at);
  const isLive = heads.length >= LEAST_HEADS && gained <= longest + BLOCK_AHEAD_MS;
  const late = BLOCK_AHEAD_MS + pollMs + (maxLagBlocks + 1) * longest;
  return { least: best - BLOCK_AHEAD_MS, best, most: isLive ? best + late : Number.POSITIVE_INFINITY };
}

/**
 * Finds the epoch from one exchange with a peer: its answer left after we asked and before we heard, for all
 * delays of the two ways. Undefined if the times contradict themselves.
 */
export function epochOfExchange({
  sent,
  theirReceived,
  theirSent,
  received,
}: Exchange): Interval | undefined {
  const least = theirSent - received;
  const most = theirReceived + TICK_MS - sent;
  if (![least, most].every(Number.isFinite) || theirSent < theirReceived || most < least) return undefined;
  return { least, best: (least + most) / 2, most };
}

/**
 * Makes one interval of many witnesses': the median of each bound, the lower one below and the upper one
 * above. As long as fewer than half of the witnesses lie, the truth lies in it.
 */
export function agree(witnesses: readonly Interval[]): Interval | undefined {
  if (witnesses.length === 0) return undefined;
  const sorted = (of: (witness: Interval) => number) => witnesses.map(of).sort((a, b) => a - b);
  const lower = Math.floor((witnesses.length - 1) / 2);
  const upper = Math.floor(witnesses.length / 2);
  const at = (values: readonly number[], index: number) => values[index] ?? Number.NaN;
  const least = at(
    sorted((witness) => witness.least),
    lower,
  );
  const most = at(
    sorted((witness) => witness.most),
    upper,
  );
  const bests = sorted(({ best }) => best);
  const best = (at(bests, lower) + at(bests, upper)) / 2;
  return { least, best: Math.min(most, Math.max(least, best)), most };
}

/** What chains and peers together say of the epoch. */
export type Epoch = {
  /** Undefined if there is too little evidence, or if they contradict each other. */
  readonly epoch: Interval | undefined;
  readonly contradicts: boolean;
};

/**
 * Puts the word of chains and that of peers together. Peers are exact and cheap to impersonate, chains are
 * coarse and dear: so peers only decide within what the chains leave open, and chains that contradict the
 * peers decide nothing.
 */
export function putTogether(chains: readonly Interval[], peers: readonly Interval[]): Epoch {
  const coarse = agree(chains);
  const exact = peers.length >= LEAST_PEERS ? agree(peers) : undefined;
  if (coarse === undefined || exact === undefined) return { epoch: exact ?? coarse, contradicts: false };
  const least = Math.max(coarse.least, exact.least);
  const most = Math.min(coarse.most, exact.most);
  if (least > most) return { epoch: undefined, contradicts: true };
  return { epoch: { least, best: Math.min(most, Math.max(least, exact.best)), most }, contradicts: false };
}

/** Returns how far a wall clock is ahead (negative: behind), reads together with the steady clock. */
export function offsetOf(
  epoch: Interval,
  clocks: { readonly wall: number; readonly steady: number },
): Interval {
  const own = clocks.wall - clocks.steady;
  return { least: own - epoch.most, best: own - epoch.best, most: own - epoch.least };
}

/** Tells whether an offset is for sure beyond a bound, at both ends of its uncertainty. */
export function isBeyond({ least, most }: Interval, bound: number): boolean {
  return least > bound || most < -bound;
}

/** Tells whether an offset is for sure within a bound, at both ends of its uncertainty. */
export function isWithin({ least, most }: Interval, bound: number): boolean {
  return least >= -bound && most <= bound;
}
