import { sameAddress } from '@gavel/protocol';
import { devAccount } from '../accounts.ts';
import { siteOf } from '../network.ts';
import { BOND, LOANS, MAIN_PLAN, RULES, SOLVERS } from '../plan.ts';
import { check, debtRepaid } from '../story/checks.ts';
import { PATIENCE_MS } from '../story/observer.ts';
import { isComplete, liquidationsOf } from '../story/records.ts';
import { nameOf } from '../story/tell.ts';
import { type Chapter, type Ending, marketOn, type Stage } from './chapter.ts';
import { assess, bondOf, equal, onlyOne, partUp, vaultFigure } from './reads.ts';

const RULES_HERE = { ...RULES.alpha, landingWindow: 10, exclusivity: 10, clockSkew: 2, fillWindow: 60 };
/** Blocks over a landing before a solver pays: time to end the winner first. */
const CONFIRMATIONS = 6;
const solvers = SOLVERS.slice(0, 2).map((solver) => ({ ...solver, confirmations: CONFIRMATIONS }));

/** A winner that does not pay in time, and a rival that does. */
export const late: Chapter = {
  name: 'late',
  about:
    'The winner falls silent: its exclusive right passes, a rival pays for itself at a rising ask, and a penalty is forfeited.',
  opening: [
    'The vault repays the loan at once and waits for the winner’s payment. The winner’s machine dies before it pays.',
    'When its exclusive right has passed, anybody may pay instead, for a lot that grows by the second.',
    'Whoever is late, or overtaken, forfeits a penalty: the bounty of whoever stepped in, and the rise of the ask.',
    'Different from the main story: 10 seconds to land and 10 of exclusivity (main story: 12 and 120), 60 seconds of public',
    'phase (600), 2 of clock skew (15); solvers wait for 6 blocks before they pay; one loan, two solvers.',
  ],
  plan: {
    ...MAIN_PLAN,
    loans: { alpha: LOANS.alpha.slice(0, 1), beta: [] },
    rules: { ...RULES, alpha: RULES_HERE },
    solvers,
  },
  play,
};

async function play(stage: Stage): Promise<Ending> {
  const { network, observer, fleet, say } = stage;
  const market = marketOn(network, 'alpha');
  const { dollar } = siteOf(network, 'alpha');
  const reserveBefore = await vaultFigure(network, market, 'reserve');
  await stage.price('alpha', 'WETH', 3_840n);
  await observer.until('an open order', PATIENCE_MS, () => observer.of('Opened').length > 0);
  const [opened] = observer.of('Opened');
  const winner = solvers.find(
    ({ account }) => opened && sameAddress(devAccount(account).address, opened.args.order.solver),
  );
  if (winner !== undefined) await fleet.kill(winner.name);
  say(
    `${winner?.name} has won, and its process is killed before it pays. Its exclusive right runs for some 30 seconds.`,
  );
  await observer.until('a payment', PATIENCE_MS, () => observer.of('Filled').length > 0);
  say('A rival paid for itself, as soon as the rising ask was worth it. It gets the lot, and the bounty.');
  await observer.until(
    'the penalty to be forfeited',
    PATIENCE_MS,
    () => observer.of('BondForfeited').length > 0,
  );
  await observer.until('the order to be settled and released', PATIENCE_MS, () =>
    liquidationsOf(network, observer).every(isComplete),
  );

  const records = liquidationsOf(network, observer);
  const { record, check: one } = onlyOne(records);
  const order = opened?.args.order;
  const filled = record?.filled?.args;
  const taken = observer.of('BondForfeited')[0]?.args;
  if (order === undefined || record === undefined || filled === undefined || winner === undefined) {
    return { facts: [], checks: [one, check('a late payment was made', false, 'none seen')] };
  }
  const rise = order.maxAsk - order.ask;
  const elapsed = filled.filledAt - order.exclusiveUntil;
  const ask = order.ask + (rise * elapsed) / (order.fillDeadline - order.exclusiveUntil);
  const bounty = partUp(order.repaid, RULES_HERE.lateBountyBps);
  const forRise = ((order.latePenalty - bounty) * (filled.ask - order.ask) + rise - 1n) / rise;
  const penalty = bounty + forRise;
  const bond = await bondOf(network, 'alpha', winner);
  const whole = BOND * 10n ** BigInt(dollar.decimals);
  const reserve = (await vaultFigure(network, market, 'reserve')) - reserveBefore;
  const healthy = await assess(network, market);
  const payer = nameOf(network, filled.payer);
  const { collateral } = record;
  return {
    facts: [
      {
        what: 'repaid to Aave by the vault',
        amount: record.repaid,
        token: dollar,
        rule: 'at once, before anybody paid',
      },
      {
        what: `paid by ${payer} on ${record.payChain}`,
        amount: order.payAmount,
        token: siteOf(network, record.payChain).dollar,
        rule: 'debt, keeper fee and route fee: as the winner would have',
      },
      { what: 'the winner’s ask', amount: order.ask, token: collateral, rule: 'what it would have got' },
      {
        what: `${payer}’s ask`,
        amount: filled.ask,
        token: collateral,
        rule: `risen for ${elapsed} of ${order.fillDeadline - order.exclusiveUntil} seconds`,
      },
      {
        what: `forfeited by ${winner.name}`,
        amount: taken?.amount ?? 0n,
        token: dollar,
        rule: 'the bounty, and the value of the rise',
      },
      {
        what: `bounty of ${payer}`,
        amount: taken?.bounty ?? 0n,
        token: dollar,
        rule: `${RULES_HERE.lateBountyBps / 100} % of the repaid debt`,
      },
      { what: 'to the vault’s reserve', amount: reserve, token: dollar, rule: 'the rest of the forfeit' },
    ],
    checks: [
      one,
      check(
        'somebody other than the winner paid, after its exclusive right',
        payer !== winner.name && elapsed > 0n && sameAddress(filled.payer, filled.beneficiary),
        `${payer}, ${elapsed} s after it`,
      ),
      equal('its ask is the winner’s, risen by the time that passed', collateral, filled.ask, ask),
      equal('it got just that of the lot', collateral, record.settled?.args.ask ?? 0n, ask),
      equal('the penalty is the bounty and the value of the rise', dollar, taken?.amount ?? 0n, penalty),
      check('the bond covered more than that', penalty < order.bond, `${order.bond} units were locked`),
      equal('the bounty went to the one who stepped in', dollar, taken?.bounty ?? 0n, bounty),
      equal('the rest lies in the vault’s reserve', dollar, reserve, penalty - bounty),
      equal('the winner’s bond is lower by the penalty', dollar, bond.balance, whole - penalty),
      equal('nothing of it is locked any more', dollar, bond.locked, 0n),
      await debtRepaid(network, records),
      check('the loan is healthy', healthy.repay === 0n, 'nothing to repay'),
    ],
  };
}
