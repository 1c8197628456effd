import { collateralEscrowAbi, OrderState, PaymentState, repaymentEscrowAbi } from '@gavel/abi';
import { sameAddress } from '@gavel/protocol';
import { devAccount } from '../accounts.ts';
import { type Network, siteOf } from '../network.ts';
import { BOND, LOANS, MAIN_PLAN, RULES, SOLVERS } from '../plan.ts';
import { check, debtRepaid } from '../story/checks.ts';
import { type HappeningOf, PATIENCE_MS } from '../story/observer.ts';
import { liquidationsOf } from '../story/records.ts';
import { amount } from '../story/tell.ts';
import { approve } from '../tokens.ts';
import { type Chapter, type Ending, marketOn, type Stage } from './chapter.ts';
import { bondOf, equal, onlyOne, partUp, vaultFigure } from './reads.ts';

const BUYER = { name: 'bargain-hunter', account: 25, money: { beta: 30_000n } } as const;
const RULES_HERE = {
  ...RULES.beta,
  landingWindow: 10,
  exclusivity: 4,
  clockSkew: 2,
  fillWindow: 20,
  proofWindow: 4,
  auctionLength: 10,
  floorBps: 9_100,
};
const CONFIRMATIONS = 3;
const solvers = SOLVERS.slice(0, 2).map((solver) => ({ ...solver, confirmations: CONFIRMATIONS }));
/** Dollars for an ether when the lot is on sale: less than the debt stands for. */
const LOW = 3_550n;
/** What the buyer wants to pay at most, of what the lot is worth; basis points. */
const MOST_BPS = 9_750n;
const HOLD_S = 7 * 86_400;

/** A winner that never pays, a proof that comes too late, and a lot sold below the debt. */
export const defaulted: Chapter = {
  name: 'default',
  about:
    'The winner never pays, and no message gets through: the lot is sold at home, a late payment is refunded, the bond makes the vault whole.',
  opening: [
    'The vault has repaid a loan, and the winner’s machine dies. A rival pays in its stead, but the relayer is down: the',
    'home chain learns nothing of it. So the order expires, ether falls, and the lot is sold for less than the debt.',
    'When messages flow again, the payment is refused and goes back to the rival, to the unit. Seven days later the bond of',
    'the defaulter is forfeited: first to the vault for what it lacks, then a bounty to the buyer, the rest to the reserve.',
    'Different from the main story: 4 seconds of exclusivity (main story: 120), 20 of public phase (600), 4 to prove (3 600),',
    'sale lengths of 10 seconds (1 800), a floor of 91 % (70 %). The seven days cannot be configured: at the end, the clocks',
    'of all three chains are moved ahead by them.',
  ],
  plan: {
    ...MAIN_PLAN,
    loans: { alpha: [], beta: LOANS.beta.slice(0, 1) },
    rules: { ...RULES, beta: RULES_HERE },
    solvers,
    people: [BUYER],
  },
  play,
};

async function play(stage: Stage): Promise<Ending> {
  const { network, observer, fleet, say } = stage;
  const market = marketOn(network, 'beta');
  await stage.price('beta', 'WETH', 3_840n);
  await observer.until('an open order', PATIENCE_MS, () => observer.of('Opened').length > 0);
  const [opened] = observer.of('Opened');
  const winner = solvers.find(
    ({ account }) => opened && sameAddress(devAccount(account).address, opened.args.order.solver),
  );
  if (opened === undefined || winner === undefined) {
    return { facts: [], checks: [check('an order of a solver opened', false, 'none')] };
  }
  await fleet.kill(winner.name);
  await network.relay.stop();
  say(
    `${winner.name} has won, and its process is killed. The relayer is stopped: no message is delivered any more.`,
  );
  await observer.until('a payment', PATIENCE_MS, () => observer.of('Filled').length > 0);
  say('A rival has paid on another chain. Home cannot know. Ether falls further.');
  await stage.price('beta', 'WETH', LOW);
  await observer.until('the order to expire', PATIENCE_MS, () => observer.of('Expired').length > 0);
  say(
    'The lot is offered for the full debt first, then for less. Solvers that saw the payment hold back; somebody else does not.',
  );
  await buy(stage, opened);
  await observer.until('the sale', PATIENCE_MS, () => observer.of('Sold').length > 0);
  const claimAfterSale = await vaultFigure(network, market, 'openClaims');
  say('The relayer is back, with a proof that comes too late.');
  await network.relay.start();
  await observer.until('the refund', PATIENCE_MS, () => observer.of('Refunded').length > 0);
  say(
    'Seven days in which a proof of payment in time could free the bond: all clocks are moved ahead by them.',
  );
  await stage.passTime(HOLD_S);
  await observer.until('the forfeit', PATIENCE_MS, () => observer.of('BondForfeited').length > 0);
  return compare(stage, opened, winner, claimAfterSale);
}

/**
 * The buyer has said what the lot is worth to it, looks at every block what the sale asks, and buys at that
 * or less.
 */
async function buy({ network, observer, as }: Stage, opened: HappeningOf<'Opened'>): Promise<void> {
  const { chain, gavel, dollar } = siteOf(network, 'beta');
  const escrow = { address: gavel.collateralEscrow, abi: collateralEscrowAbi } as const;
  const { order, seized } = opened.args;
  const worth = (seized * LOW * 10n ** BigInt(dollar.decimals)) / 10n ** 18n;
  const most = (worth * MOST_BPS) / 10_000n;
  const buyer = as('beta', BUYER.account);
  await approve(buyer, dollar.address, gavel.collateralEscrow, most);
  await observer.until('a price worth paying', PATIENCE_MS, async () => {
    const call = { ...escrow, functionName: 'offer', args: [order] } as const;
    const [lot, price] = await chain.publicClient.readContract(call);
    return lot === seized && price <= most;
  });
  await buyer.write({ ...escrow, functionName: 'buy', args: [order, seized, most, buyer.address] });
  await approve(buyer, dollar.address, gavel.collateralEscrow, 0n);
}

async function compare(
  { network, observer }: Stage,
  opened: HappeningOf<'Opened'>,
  winner: (typeof solvers)[number],
  claimAfterSale: bigint,
): Promise<Ending> {
  const market = marketOn(network, 'beta');
  const { dollar } = siteOf(network, 'beta');
  const { order, orderId, seized } = opened.args;
  const records = liquidationsOf(network, observer);
  const { record, check: one } = onlyOne(records);
  const [filled, sold, refunded, taken] = [
    observer.of('Filled')[0]?.args,
    observer.of('Sold')[0]?.args,
    observer.of('Refunded')[0]?.args,
    observer.of('BondForfeited')[0]?.args,
  ];
  const debt = order.repaid + order.keeperFee;
  const price = sold?.price ?? 0n;
  const shortfall = debt - price;
  const bounty = min(partUp(order.repaid, RULES_HERE.lateBountyBps), order.bond - min(order.bond, shortfall));
  const toReserve = order.bond - bounty - shortfall;
  const [bond, reserve, losses, payment, [state]] = await Promise.all([
    bondOf(network, 'beta', winner),
    vaultFigure(network, market, 'reserve'),
    vaultFigure(network, market, 'recordedLosses'),
    paymentState(network, opened),
    siteOf(network, 'beta').chain.publicClient.readContract({
      address: order.homeEscrow,
      abi: collateralEscrowAbi,
      functionName: 'orders',
      args: [orderId],
    }),
  ]);
  const whole = BOND * 10n ** BigInt(dollar.decimals);
  const payToken = siteOf(network, record?.payChain ?? 'gamma').dollar;
  return {
    facts: [
      {
        what: 'fronted by the vault',
        amount: debt,
        token: dollar,
        rule: 'debt repaid at once, and the keeper’s fee',
      },
      {
        what: 'the lot',
        amount: seized,
        token: market.collaterals.WETH,
        rule: `worth ${LOW} dollars an ether at the sale`,
      },
      {
        what: 'paid by the bargain-hunter',
        amount: price,
        token: dollar,
        rule: 'what the sale asked at that second',
      },
      { what: 'lacking', amount: shortfall, token: dollar, rule: 'debt less proceeds' },
      {
        what: `bond of ${winner.name}, forfeited`,
        amount: taken?.amount ?? 0n,
        token: dollar,
        rule: `at least ${RULES_HERE.stressBps / 100} % of the repaid debt`,
      },
      {
        what: 'of it: to the vault, for what lacked',
        amount: shortfall,
        token: dollar,
        rule: 'always first',
      },
      {
        what: 'of it: bounty of the buyer',
        amount: taken?.bounty ?? 0n,
        token: dollar,
        rule: `${RULES_HERE.lateBountyBps / 100} % of the repaid debt`,
      },
      { what: 'of it: to the vault’s reserve', amount: reserve, token: dollar, rule: 'the rest' },
      {
        what: 'refunded to the late payer',
        amount: refunded?.amount ?? 0n,
        token: payToken,
        rule: 'all it had paid',
      },
    ],
    checks: [
      one,
      check(
        'the lot was sold for less than the debt',
        price > 0n && shortfall > 0n && sold?.lot === seized,
        `${amount(price, dollar, 2)} of ${amount(debt, dollar, 2)}`,
      ),
      equal('what lacked was a claim on the bond meanwhile', dollar, claimAfterSale, shortfall),
      equal('all of the locked bond was forfeited', dollar, taken?.amount ?? 0n, order.bond),
      equal('the bounty went to the buyer', dollar, taken?.bounty ?? 0n, bounty),
      equal('the vault lost nothing: what the bond left over is its reserve now', dollar, reserve, toReserve),
      equal('no loss is recorded', dollar, losses, 0n),
      equal('the defaulter’s bond is lower by what was locked', dollar, bond.balance, whole - order.bond),
      equal('nothing of it is locked any more', dollar, bond.locked, 0n),
      check(
        'the late payment was refused and refunded, to its payer',
        payment === PaymentState.Refunded && filled?.payer === refunded?.payer,
        `payment state ${payment}`,
      ),
      equal('to the unit', payToken, refunded?.amount ?? 0n, order.payAmount),
      check(
        'the order ended as sold, and never settled',
        state === OrderState.Sold && record?.settled === undefined,
        `order state ${state}`,
      ),
      await debtRepaid(network, records),
    ],
  };
}

function paymentState(
  network: Network,
  { args: { orderId, order } }: HappeningOf<'Opened'>,
): Promise<number> {
  const pay = [...network.sites.values()].find(({ chain }) => chain.domain === order.payDomain);
  const { publicClient } = (pay ?? siteOf(network, 'gamma')).chain;
  return publicClient.readContract({
    address: order.payEscrow,
    abi: repaymentEscrowAbi,
    functionName: 'payments',
    args: [orderId],
  });
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
