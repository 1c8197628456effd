import { solverBondsAbi } from '@gavel/abi';
import {
  bondOf,
  fadePenaltyOf,
  type MarketId,
  mulDivDown,
  positionKey,
  remotePayment,
  sameAddress,
  tickOf,
} from '@gavel/protocol';
import type { Opportunity, PayOption } from '@gavel/solver-sdk';
import type { Address } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import type { Chain } from '../chain/client.ts';
import { allowanceOf, balanceOf } from '../chain/erc20.ts';
import type { DescribeToken } from '../chain/tokens.ts';
import type { ValueInDebt } from '../positions/valuation.ts';
import { type Inventory, less, roundKeyOf } from './inventory.ts';
import { type CostConfig, costInDebt } from './whole-tokens.ts';

/** What building opportunities takes. */
export type OpportunityDeps = {
  readonly chains: ReadonlyMap<string, Chain>;
  /** The bonded account: pays for local quotes. */
  readonly account: Address;
  /** The hot key's address: pays for remote ones. */
  readonly payer: Address;
  readonly inventory: Inventory;
  readonly describe: DescribeToken;
  readonly valueInDebt: ValueInDebt;
  /** The solver's own cost of payments, for each token of each chain. */
  readonly costs: readonly CostConfig[];
};

/** Facts from chains, before promises are taken off: those change from one moment to the next. */
export type Prospect = {
  readonly opportunity: Omit<Opportunity, 'now' | 'payOptions'>;
  readonly options: readonly PayOption[];
};

/**
 * Gathers what a strategy may know of an auction: the lending market's own oracle price at the observed
 * block, and for each configured chain with an open route what paying there takes and what money is there.
 * Rejects if the home chain cannot be asked; a pay chain that cannot be asked is left out. Undefined for a
 * market whose chain is not configured.
 */
export async function gatherProspect(auction: Auction, deps: OpportunityDeps): Promise<Prospect | undefined> {
  const home = deps.chains.get(auction.market.chain);
  if (home === undefined) return undefined;
  // Everything is asked at once: an auction leaves little time, and what one answer needs of another waits
  // for it alone.
  const facts = factsOf(auction, home, deps);
  const free = freeBond(auction, home, deps);
  const options = Promise.allSettled(
    [...deps.chains.values()].map((chain) =>
      chain === home
        ? localOption(auction, home, free, deps)
        : remoteOption(auction, chain, facts, free, deps),
    ),
  );
  const [opportunity, , found] = await Promise.all([facts, free, options]);
  return {
    opportunity,
    options: found.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : [])),
  };
}

/**
 * Takes promises off and set the clock: what is handed to the strategy. Synchronous, so that no promise comes
 * between.
 */
export function toOpportunity(
  { opportunity, options }: Prospect,
  inventory: Inventory,
  now: bigint,
): Opportunity {
  const round = roundOf(opportunity);
  const pledged = inventory.pledged(opportunity.homeDomain, opportunity.debt.address, round);
  const payOptions = options.map((option) => ({
    ...option,
    available: less(option.available, inventory.promised(option.domain, option.token.address, round)),
    bond: { required: option.bond.required, free: less(option.bond.free, pledged) },
  }));
  return { ...opportunity, now, payOptions };
}

async function factsOf(
  auction: Auction,
  home: Chain,
  deps: OpportunityDeps,
): Promise<Prospect['opportunity']> {
  const { intent, digest, health } = auction.observed;
  const { seizable, repay } = intent;
  const [collateral, debt, seizableInDebt] = await Promise.all([
    deps.describe(home, intent.collateral),
    deps.describe(home, intent.debt),
    deps.valueInDebt(intent.position, seizable, intent.observedBlock),
  ]);
  return {
    kind: 'auction',
    intent: digest,
    market: intent.market,
    position: intent.position,
    homeDomain: intent.homeDomain,
    round: intent.round,
    collateral,
    debt,
    repay,
    seizable,
    tick: tickOf(seizable),
    seizableInDebt,
    health,
    quoteBy: intent.quoteBy,
    openBy: intent.openBy,
  };
}

/**
 * Reads what of the account's bond a quote may count on, debt units. Ranking goes by the observed block,
 * landing by what is there then: an order that landed in between has locked its part, and one that settled
 * has freed what no ranking sees.
 */
async function freeBond(
  { market, observed }: Auction,
  home: Chain,
  { account }: OpportunityDeps,
): Promise<bigint> {
  const { debt, observedBlock } = observed.intent;
  const [ranked, free] = await Promise.all([
    market.reads.quotableBond(account, debt, observedBlock),
    home.agreed.readContract({
      address: home.contracts.bonds,
      abi: solverBondsAbi,
      functionName: 'freeOf',
      args: [account, debt],
    }),
  ]);
  return ranked < free ? ranked : free;
}

async function localOption(
  auction: Auction,
  home: Chain,
  freeToCome: Promise<bigint>,
  deps: OpportunityDeps,
): Promise<PayOption> {
  const { intent, terms, debtTerms } = auction.observed;
  const due = intent.repay + debtTerms.keeperFee;
  const [token, balance, allowance, free] = await Promise.all([
    deps.describe(home, intent.debt),
    balanceOf(home.agreed, intent.debt, deps.account),
    allowanceOf(home.agreed, intent.debt, deps.account, home.contracts.collateralEscrow),
    freeToCome,
  ]);
  // Another account's allowance is its owner's to give.
  const ownAccount = sameAddress(deps.account, deps.payer);
  return {
    domain: intent.homeDomain,
    mode: 'local',
    token,
    payAmount: due,
    payInDebt: due,
    available: ownAccount || balance < allowance ? balance : allowance,
    handicapBps: 0,
    gasInDebt: costInDebt(deps.costs, { chain: home.name, token: intent.debt }, token.decimals),
    bond: { required: fadePenaltyOf(intent, terms), free },
  };
}

async function remoteOption(
  auction: Auction,
  chain: Chain,
  factsToCome: Promise<Prospect['opportunity']>,
  freeToCome: Promise<bigint>,
  deps: OpportunityDeps,
): Promise<PayOption | undefined> {
  const { market, observed } = auction;
  const { intent, terms, debtTerms } = observed;
  const route = await market.reads.route(market.id, intent.debt, chain.domain, intent.observedBlock);
  // A route to another escrow than the one this node is configured for is not ours to pay into.
  if (!route.enabled || !sameAddress(route.payEscrow, chain.contracts.repaymentEscrow)) return undefined;
  const [token, available, facts, free] = await Promise.all([
    deps.describe(chain, route.payToken),
    balanceOf(chain.agreed, route.payToken, deps.payer),
    factsToCome,
    freeToCome,
  ]);
  const { routeFee, payAmount } = remotePayment({
    repaid: intent.repay,
    keeperFee: debtTerms.keeperFee,
    feeBps: route.feeBps,
    debtDecimals: facts.debt.decimals,
    payDecimals: route.payDecimals,
  });
  // An ask that just buys back the debt: a lower ask is checked again against the exact bond.
  const breakEven =
    facts.seizableInDebt > 0n
      ? mulDivDown(intent.seizable, intent.repay, facts.seizableInDebt)
      : intent.seizable;
  return {
    domain: chain.domain,
    mode: 'remote',
    token,
    payAmount,
    payInDebt: intent.repay + debtTerms.keeperFee + routeFee,
    available,
    handicapBps: route.handicapBps,
    gasInDebt: costInDebt(deps.costs, { chain: chain.name, token: route.payToken }, facts.debt.decimals),
    bond: { required: bondOf(breakEven, intent, terms), free },
  };
}

/** Names the round of the position that an opportunity is about. */
export function roundOf({
  homeDomain,
  market,
  position,
  round,
}: Pick<Opportunity, 'homeDomain' | 'market' | 'position' | 'round'>): string {
  return roundKeyOf(homeDomain, positionKey(market as MarketId, position), round);
}
