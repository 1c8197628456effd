/** Write the golden vectors: flat objects with hex and decimal strings, easy for Solidity's JSON reader. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, keccak256, stringToHex } from 'viem';
import * as gavel from '../src/index.ts';
import { abiOfFill, abiOfIntent, abiOfLanding, abiOfOrder, abiOfQuote } from './vector-abi.ts';
import { rejectedBytes, rejectedSignatures } from './vector-rejects.ts';

/** Derives 32 bytes from a label: reproducible, and without structure that could hide a mistake. */
const seeded = (label: string): Hex => keccak256(stringToHex(`gavel vector ${label}`));
const seededAddress = (label: string) => `0x${seeded(label).slice(26)}` as const;

/** Keys of the vectors only. Never fund an account of theirs. */
const keys = ['solver 1', 'solver 2', 'solver 3', 'auctioneer 1', 'auctioneer 2', 'auctioneer 3'].map(seeded);
const [solver1, solver2, solver3, ...auctioneers] = keys as [Hex, Hex, Hex, Hex, Hex, Hex];

const home: gavel.Home = { chainId: 31337n, escrow: seededAddress('escrow') };
const elsewhere = 1002;

const rules: gavel.IntentRules = { slot: 4, quoteWindow: 1500, landingWindow: 12 };
const market = gavel.marketId('aave-alpha');
const intent = gavel.deriveIntent({
  homeDomain: 1001,
  escrow: home.escrow,
  market,
  position: `0x${['user', 'weth', 'usdc'].map((label) => seededAddress(label).slice(2).padStart(64, '0')).join('')}`,
  round: 7n,
  block: { number: 123_456n, hash: seeded('block'), timestamp: 1_790_000_000n },
  assessment: {
    collateral: seededAddress('weth'),
    debt: seededAddress('usdc'),
    repay: 5_000_000_000n,
    seizable: 2_750_000_000_000_000_000n,
  },
  rules,
});
const least: gavel.Intent = {
  ...intent,
  homeDomain: 0,
  position: '0x00',
  repay: 0n,
  seizable: 0n,
  round: 0n,
  observedBlock: 0n,
  quoteBy: 0n,
  openBy: 0n,
};
const most: gavel.Intent = {
  ...intent,
  homeDomain: gavel.MAX_UINT32,
  position: `0x${'ff'.repeat(gavel.MAX_POSITION_BYTES)}`,
  repay: gavel.MAX_UINT128,
  seizable: gavel.MAX_UINT128,
  round: gavel.MAX_UINT64,
  observedBlock: gavel.MAX_UINT64,
  quoteBy: gavel.MAX_UINT64,
  openBy: gavel.MAX_UINT64,
};
const intentDigest = gavel.intentDigest(intent, home);

const tick = gavel.tickOf(intent.seizable);
const prices: readonly (readonly [Hex, bigint, number])[] = [
  [solver1, 9_500n * tick, elsewhere],
  [solver2, 9_600n * tick, intent.homeDomain],
  [solver3, intent.seizable, elsewhere],
];
const quotes = prices.map(([key, ask, payDomain], index) => ({
  key,
  signed: gavel.signQuote(
    {
      intent: intentDigest,
      solver: seededAddress(`account ${index}`),
      ask,
      payDomain,
      payout: seededAddress(`payout ${index}`),
      epoch: BigInt(index),
    },
    home,
    key,
  ),
}));
const extreme = gavel.signQuote(
  {
    intent: gavel.ZERO_BYTES32,
    solver: seededAddress('account'),
    ask: gavel.MAX_UINT128,
    payDomain: gavel.MAX_UINT32,
    payout: seededAddress('payout'),
    epoch: gavel.MAX_UINT64,
  },
  home,
  solver1,
);
const signedQuotes = quotes.map(({ signed }) => signed);
const digests = signedQuotes.map(({ quote }) => gavel.quoteDigest(quote, home));

const tallies = auctioneers.map((key, index) => ({
  key,
  signed: gavel.signTally(intentDigest, signedQuotes.slice(0, 3 - index), home, key),
}));
const cited = tallies.map(({ signed }) => gavel.tallyDigest(signed.tally, home));
const awards = [digests, digests.slice(0, 1), []].map((ranked, index) =>
  gavel.awardOf(intentDigest, index === 1 ? 2 : 1, ranked),
);
const votes = awards.flatMap((award) =>
  auctioneers.slice(0, 2).map((key) => ({ key, vote: gavel.signVote(award, cited, home, key) })),
);
const certificates = awards.slice(0, 2).map((award) =>
  gavel.assembleCertificate(
    {
      intent,
      award,
      quotes: signedQuotes,
      signatures: votes.filter(({ vote }) => vote.award === award).map(({ vote }) => vote.signature),
    },
    home,
    auctioneers.map(gavel.addressOfKey),
    2,
  ),
);

const order: gavel.Order = {
  intent: intentDigest,
  quote: seeded('quote'),
  market,
  positionKey: gavel.positionKey(market, intent.position),
  homeDomain: intent.homeDomain,
  homeEscrow: home.escrow,
  payDomain: elsewhere,
  payEscrow: seededAddress('pay escrow'),
  collateral: intent.collateral,
  debt: intent.debt,
  payToken: seededAddress('pay token'),
  treasury: seededAddress('treasury'),
  bridge: seededAddress('bridge'),
  solver: seededAddress('account 0'),
  payout: seededAddress('payout 0'),
  terms: 3,
  repaid: 5_000_000_000n,
  keeperFee: 2_000_000n,
  routeFee: 2_500_000n,
  payAmount: 5_004_500_000_000_000_000_000n,
  ask: 2_600_000_000_000_000_000n,
  maxAsk: 2_722_500_000_000_000_000n,
  bond: 500_000_000n,
  latePenalty: 270_000_000n,
  openBy: 1_790_000_013n,
  exclusiveUntil: 1_790_000_138n,
  fillDeadline: 1_790_000_738n,
  expiresAt: 1_790_004_338n,
};
/** Sets every number of an order to the least or the most it can be. */
const orderOf = (uint32: number, uint64: bigint, uint128: bigint): gavel.Order => ({
  ...order,
  ...{ homeDomain: uint32, payDomain: uint32, terms: uint32 },
  ...{ repaid: uint128, keeperFee: uint128, routeFee: uint128, payAmount: uint128 },
  ...{ ask: uint128, maxAsk: uint128, bond: uint128, latePenalty: uint128 },
  ...{ openBy: uint64, exclusiveUntil: uint64, fillDeadline: uint64, expiresAt: uint64 },
});
const orders = [order, orderOf(0, 0n, 0n), orderOf(gavel.MAX_UINT32, gavel.MAX_UINT64, gavel.MAX_UINT128)];
const paid = (it: gavel.Order, label: string): gavel.Fill => ({
  order: it,
  payer: seededAddress(`payer ${label}`),
  beneficiary: it.payout,
  ask: it.ask,
  filledAt: it.exclusiveUntil,
});
const [first, second] = [paid(order, '1'), paid({ ...order, positionKey: seeded('position') }, '2')];
const another = paid({ ...order, solver: seededAddress('account 1') }, '3');
/** Payments of one lane, of two, and of one between two others. */
const reports = [[first], [first, second, another], [first, another, second]];

/** State what every signed struct's vector ends with. */
const signedPart = (structHash: Hex, digest: Hex, privateKey: Hex) => ({
  structHash,
  digest,
  privateKey,
  signer: gavel.addressOfKey(privateKey),
  signature: gavel.signDigest(digest, privateKey),
});

/**
 * Writes `accepted` and `rejected` of each kind of message under the vectors' home. Same input, same bytes.
 */
export function writeVectors(folder: string): void {
  const bytesOf = {
    intent: gavel.encodeIntent(intent),
    quote: gavel.encodeQuote(signedQuotes[0] ?? extreme),
    auction: auctionBytes(),
  };
  const rejects = rejectedBytes(bytesOf);
  write(folder, 'intent', {
    accepted: [intent, least, most].map((value) => ({
      ...value,
      positionKey: gavel.positionKey(value.market, value.position),
      ...signedPart(gavel.intentStructHash(value), gavel.intentDigest(value, home), solver1),
      abi: abiOfIntent(value),
      wire: gavel.toHex(gavel.encodeIntent(value)),
    })),
    rejected: rejects.intent,
  });
  write(folder, 'quote', {
    accepted: [...quotes, { key: solver1, signed: extreme }].map(({ key, signed }) => ({
      ...signed.quote,
      ...signedPart(gavel.quoteStructHash(signed.quote), gavel.quoteDigest(signed.quote, home), key),
      abi: abiOfQuote(signed.quote),
      wire: gavel.toHex(gavel.encodeQuote(signed)),
    })),
    rejected: rejects.quote,
  });
  write(folder, 'tally', {
    accepted: tallies.map(({ key, signed }) => ({
      ...signed.tally,
      ...signedPart(gavel.tallyStructHash(signed.tally), gavel.tallyDigest(signed.tally, home), key),
      wire: gavel.toHex(gavel.encodeAuctionMessage({ kind: 'tally', tally: signed })),
    })),
    rejected: rejects.auction,
  });
  write(folder, 'award', {
    accepted: votes.map(({ key, vote }) => ({
      ...vote.award,
      ...signedPart(gavel.awardStructHash(vote.award), gavel.awardDigest(vote.award, home), key),
      wire: gavel.toHex(gavel.encodeAuctionMessage({ kind: 'vote', vote })),
    })),
  });
  write(folder, 'ballot', {
    accepted: votes.map(({ key, vote }) => {
      const ballot = { award: gavel.awardDigest(vote.award, home), tallies: vote.cited };
      return {
        ...ballot,
        ...signedPart(gavel.ballotStructHash(ballot), gavel.ballotDigest(ballot, home), key),
      };
    }),
  });
  write(folder, 'certificate', {
    auctioneers: auctioneers.map(gavel.addressOfKey).sort(),
    threshold: '2',
    accepted: certificates.map((certificate) => {
      const verified = gavel.verifyCertificate(certificate, home, auctioneers.map(gavel.addressOfKey), 2);
      return {
        attempt: certificate.award.attempt,
        intentDigest: verified.intent,
        awardDigest: verified.award,
        quoteDigests: verified.quotes.map(({ digest }) => digest),
        signers: verified.signers,
        signatures: gavel.landingOf(certificate).signatures,
        landing: abiOfLanding(gavel.landingOf(certificate)),
        wire: gavel.toHex(gavel.encodeAuctionMessage({ kind: 'certificate', certificate })),
      };
    }),
  });
  const reporter = seededAddress('reporter');
  const answered = orders.map((it, index) => ({ orderId: gavel.orderIdOf(it), accepted: index !== 1 }));
  write(folder, 'order', {
    accepted: orders.map((it) => ({
      ...it,
      abi: abiOfOrder(it),
      orderId: gavel.orderIdOf(it),
      bill: gavel.encodeBill(it),
    })),
    reports: reports.map((fills) => ({
      fills: fills.map(abiOfFill),
      reporter,
      payments: gavel.encodePayments(fills),
      body: gavel.encodeReport(fills, reporter),
    })),
    verdicts: { answered, body: gavel.encodeVerdicts(answered) },
  });
  write(folder, 'signature', { rejected: rejectedSignatures(intentDigest, solver1) });
  write(folder, 'arithmetic', arithmetic());
}

function auctionBytes(): { tally: Uint8Array; vote: Uint8Array; certificate: Uint8Array } {
  const [tally] = tallies.map(({ signed }) => gavel.encodeAuctionMessage({ kind: 'tally', tally: signed }));
  const [vote] = votes.map((cast) => gavel.encodeAuctionMessage({ kind: 'vote', vote: cast.vote }));
  const [certificate] = certificates.map((made) =>
    gavel.encodeAuctionMessage({ kind: 'certificate', certificate: made }),
  );
  const none = new Uint8Array();
  return { tally: tally ?? none, vote: vote ?? none, certificate: certificate ?? none };
}

function arithmetic() {
  const amounts = [1n, 9_999n, 10_000n, 19_999n, intent.seizable, gavel.MAX_UINT128];
  const payments = [
    { repaid: 5_000_000_000n, keeperFee: 2_000_000n, feeBps: 5, debtDecimals: 6, payDecimals: 6 },
    { repaid: 5_000_000_001n, keeperFee: 0n, feeBps: 1, debtDecimals: 6, payDecimals: 18 },
    { repaid: 10n ** 18n + 1n, keeperFee: 3n, feeBps: 0, debtDecimals: 18, payDecimals: 6 },
  ];
  const terms = { stressBps: 1_000, maxAskBps: 9_800, lateBountyBps: 10, bonusBps: 500, fadeBps: 100 };
  const promises = [
    { ask: 480_000n, repay: 1_000_000n, seizable: 500_000n, ...terms },
    { ask: 400_000n, repay: 1_000_000n, seizable: 500_000n, ...terms },
    { ask: 499_950n, repay: 1_000_001n, seizable: 500_001n, ...terms, stressBps: 0 },
    { ask: 7n, repay: 5_000_000_003n, seizable: intent.seizable, ...terms, lateBountyBps: 7, fadeBps: 33 },
    { ask: 0n, repay: 10n ** 30n + 1n, seizable: 1n, ...terms, maxAskBps: 10_000, bonusBps: 1_501 },
  ];
  const lots = [0n, 1n, 59n, 60n, 61n].map((since) => ({
    full: 10n ** 18n + 1n,
    leastBps: 9_001n,
    start: 1_790_000_000n,
    length: 60n,
    at: 1_790_000_000n + since,
  }));
  const asks = [0n, 1n, 137n, 600n].map((since) => ({
    ask: 2_600_000_000_000_000_001n,
    maxAsk: 2_722_500_000_000_000_000n,
    exclusiveUntil: order.exclusiveUntil,
    fillDeadline: order.fillDeadline,
    at: order.exclusiveUntil + since,
  }));
  return {
    ticks: amounts.map((seizable) => ({ seizable, tick: gavel.tickOf(seizable) })),
    payments: payments.map((terms) => ({ ...terms, ...gavel.remotePayment(terms) })),
    bonds: promises.map((it) => ({
      ...it,
      bond: gavel.bondOf(it.ask, it, it),
      fadePenalty: gavel.fadePenaltyOf(it, it),
    })),
    lots: lots.map((it) => ({ ...it, lot: gavel.risingLot(it.full, it, it.at) })),
    asks: asks.map((it) => ({ ...it, rising: gavel.risingAsk(it, it.at) })),
    ties: signedQuotes.map(({ quote }) => ({
      solver: quote.solver,
      intent: quote.intent,
      hash: gavel.tieBreaker(quote.solver, quote.intent),
    })),
  };
}

function write(folder: string, name: string, body: Record<string, unknown>): void {
  const file = {
    chainId: home.chainId,
    escrow: home.escrow,
    domainSeparator: gavel.domainSeparator(home),
    ...body,
  };
  const plain = (_: string, value: unknown) =>
    typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(file, plain, 2)}\n`);
}
