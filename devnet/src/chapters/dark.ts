import { sameAddress } from '@gavel/protocol';
import { devAccount } from '../accounts.ts';
import { siteOf } from '../network.ts';
import { LOANS, MAIN_PLAN, RULES, SOLVERS } from '../plan.ts';
import { check } from '../story/checks.ts';
import { PATIENCE_MS } from '../story/observer.ts';
import { nameOf } from '../story/tell.ts';
import { type Chapter, type Ending, marketOn, type Stage } from './chapter.ts';
import { assess, equal } from './reads.ts';

const RULES_HERE = { ...RULES.alpha, takeDelay: 8, auctionLength: 20 };
const FLAG_AFTER_MS = 6_000;
/**
 * Enough for several promises at once: auctions go on being announced, and every quote reserves its payment.
 */
const MONEY = { alpha: 200_000n };
const solvers = SOLVERS.filter(({ name }) => name === 'solver-1' || name === 'solver-4').map((solver) =>
  solver.name === 'solver-4' ? { ...solver, money: MONEY } : solver,
);

/** No auction at all. */
export const dark: Chapter = {
  name: 'dark',
  about:
    'Every auctioneer is dead: a keeper flags the loan, and whoever likes the rising lot takes it, with no auction and no vault.',
  opening: [
    'Auctions need two of three auctioneers. All three are killed before a loan goes under water.',
    'Watchers announce, solvers quote, and no gavel falls. So a keeper flags the loan, which anybody may, and after a delay',
    'anybody may take it: repay the debt, and get a lot that starts at 90 % of what Aave hands out and rises to all of it.',
    'Different from the main story: keepers flag after 6 seconds (60), the delay is 8 seconds (300), the lot rises for 20',
    'seconds (1 800); one loan, two solvers, one of them with 200 000 dollars on alpha.',
  ],
  plan: {
    ...MAIN_PLAN,
    loans: { alpha: LOANS.alpha.slice(0, 1), beta: [] },
    rules: { ...RULES, alpha: RULES_HERE },
    solvers,
    keeper: { flagAfterMs: FLAG_AFTER_MS },
  },
  play,
};

async function play(stage: Stage): Promise<Ending> {
  const { network, observer, fleet, log, say } = stage;
  const market = marketOn(network, 'alpha');
  const { chain, dollar } = siteOf(network, 'alpha');
  const auctioneers = fleet.alive().filter((name) => fleet.rolesOf(name).includes('auctioneer'));
  await Promise.all(auctioneers.map((name) => fleet.kill(name)));
  say(`${auctioneers.join(', ')} are killed. From here on there is no auction.`);
  await stage.price('alpha', 'WETH', 3_840n);
  const sick = await assess(network, market);
  await observer.until('a flag', PATIENCE_MS, () => observer.of('Flagged').length > 0);
  say(
    'Solvers quote, and no gavel falls. The flag starts the delay; then the lot on offer rises until somebody wants it.',
  );
  await observer.until('a take', PATIENCE_MS, () => observer.of('Taken').length > 0);
  await observer.until(
    'the borrower’s surplus',
    PATIENCE_MS,
    () => observer.of('SurplusReturned').length > 0,
  );

  const [flagged] = observer.of('Flagged');
  const takes = observer.of('Taken');
  const taken = takes[0];
  const credited = observer.of('SurplusCredited')[0]?.args;
  if (flagged === undefined || taken === undefined) {
    return { facts: [], checks: [check('the loan was taken', false, 'it was not')] };
  }
  const { repaid, seized, lot, taker, recipient } = taken.args;
  const elapsed = min(taken.time - flagged.args.takeableFrom, BigInt(RULES_HERE.auctionLength));
  const length = BigInt(RULES_HERE.auctionLength);
  const least = BigInt(RULES_HERE.minLotBps);
  const due = (seized * (least * length + (10_000n - least) * elapsed)) / (10_000n * length);
  const toTreasury = ((seized - lot) * BigInt(10_000 - RULES_HERE.borrowerBps)) / 10_000n;
  const now = await assess(network, market, {
    blockNumber: (await chain.publicClient.getBlockNumber()) - 1n,
  });
  const collateral = market.collaterals.WETH;
  const landed = observer.of('Liquidated').length + observer.of('Opened').length;
  const gavels = log.lines.filter(({ msg }) => msg === 'certificate').length;
  return {
    facts: [
      {
        what: `repaid to Aave by ${nameOf(network, taker)}`,
        amount: repaid,
        token: dollar,
        rule: 'half of the debt, Aave’s close factor',
      },
      { what: 'seized', amount: seized, token: collateral, rule: 'debt and Aave’s bonus' },
      {
        what: `the lot of ${nameOf(network, taker)}`,
        amount: lot,
        token: collateral,
        rule: `90 % and the rise of ${elapsed} of ${length} seconds`,
      },
      {
        what: 'back to the borrower',
        amount: credited?.toBorrower ?? 0n,
        token: collateral,
        rule: `${RULES_HERE.borrowerBps / 100} % of what the lot left`,
      },
      {
        what: 'to the lending protocol',
        amount: credited?.toTreasury ?? 0n,
        token: collateral,
        rule: 'the rest of it',
      },
    ],
    checks: [
      check(
        'no auctioneer was alive',
        auctioneers.length === 3 && !fleet.alive().some((name) => auctioneers.includes(name)),
        auctioneers.join(', '),
      ),
      check(
        'no gavel fell and nothing landed',
        gavels === 0 && landed === 0,
        `${gavels} certificates, ${landed} landings`,
      ),
      check(
        'the loan was taken once, by a solver for itself',
        takes.length === 1 &&
          sameAddress(taker, recipient) &&
          solvers.some(({ account }) => sameAddress(devAccount(account).address, taker)),
        nameOf(network, taker),
      ),
      check(
        'not before the flag’s delay was over',
        taken.time >= flagged.args.takeableFrom &&
          flagged.args.takeableFrom >= flagged.time + BigInt(RULES_HERE.takeDelay),
        `${taken.time - flagged.time} s after the flag`,
      ),
      equal('the lot is what the rise gives at that second', collateral, lot, due),
      equal(
        'the lending protocol gets its share of what the lot left',
        collateral,
        credited?.toTreasury ?? 0n,
        toTreasury,
      ),
      equal('the borrower gets the rest', collateral, credited?.toBorrower ?? 0n, seized - lot - toTreasury),
      check(
        'the loan was under water and is healthy',
        sick.repay > 0n && sick.health < 10n ** 18n && now.repay === 0n,
        `health ${percent(sick.health)} before, ${percent(now.health)} after`,
      ),
    ],
  };
}

function percent(health: bigint): string {
  return `${Number(health / 10n ** 14n) / 100} %`;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
