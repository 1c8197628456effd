import { devAccount } from '../accounts.ts';
import { siteOf } from '../network.ts';
import { BOND, LOANS, MAIN_PLAN, RULES, SOLVERS, type SolverPlan } from '../plan.ts';
import { check, debtRepaid } from '../story/checks.ts';
import { PATIENCE_MS } from '../story/observer.ts';
import { isComplete, liquidationsOf } from '../story/records.ts';
import { nameOf } from '../story/tell.ts';
import { balanceOf } from '../tokens.ts';
import { type Chapter, type Ending, marketOn, type Stage } from './chapter.ts';
import { assess, bondOf, equal, onlyOne, partUp, timeOn, vaultFigure } from './reads.ts';

/** The faithless: the lowest ask of all, to be paid on alpha itself. */
const FADER = SOLVERS.find(({ name }) => name === 'solver-4') as SolverPlan;
/** Where its money goes instead. */
const WALLET = { name: 'cold wallet', account: 24, money: {} };
const RULES_HERE = RULES.alpha;

/** A winner that does not keep its promise. */
export const fade: Chapter = {
  name: 'fade',
  about:
    'The winner moves its money away before it can be taken: it loses part of its bond, and the second quote lands.',
  opening: [
    'A quote is a promise to have the money until the landing is over. solver-4 makes the best offer, and breaks it.',
    'Nobody waits for it: the same transaction punishes it and goes on to the second best quote.',
    'Different from the main story: one loan, three solvers.',
  ],
  plan: {
    ...MAIN_PLAN,
    loans: { alpha: LOANS.alpha.slice(0, 1), beta: [] },
    solvers: SOLVERS.filter(({ name }) => name !== 'solver-3'),
    people: [WALLET],
  },
  play,
};

async function play(stage: Stage): Promise<Ending> {
  const { network, observer, log, say } = stage;
  const market = marketOn(network, 'alpha');
  const { chain, dollar } = siteOf(network, 'alpha');
  const reserveBefore = await vaultFigure(network, market, 'reserve');
  await stage.price('alpha', 'WETH', 3_840n);
  const promised = await log.until(
    'a quote of solver-4',
    PATIENCE_MS,
    ({ node, msg }) => node === FADER.name && msg === 'quote sent',
  );
  const announced = await log.until(
    'the auction’s announcement',
    PATIENCE_MS,
    ({ msg, intent }) => msg === 'intent announced' && intent === promised.intent,
  );
  say('solver-4 has promised to pay. It moves all its money to another wallet before the gavel falls.');
  const money = await balanceOf(chain, dollar.address, devAccount(FADER.account).address);
  await stage.transfer('alpha', FADER.account, WALLET.account, money);
  await observer.until('a landing', PATIENCE_MS, () => liquidationsOf(network, observer).length > 0);
  say('The loan is repaid all the same, by the second best quote, in the same transaction.');
  await observer.until('the landing to be settled and released', PATIENCE_MS, () =>
    liquidationsOf(network, observer).every(isComplete),
  );

  const records = liquidationsOf(network, observer);
  const { record, check: one } = onlyOne(records);
  const faded = observer.of('Faded');
  const forfeited = faded[0]?.args.forfeited ?? 0n;
  const observed = await assess(network, market, { blockNumber: BigInt(String(announced.block)) });
  const penalty = partUp(observed.repay, RULES_HERE.fadeBps);
  const bond = await bondOf(network, 'alpha', FADER);
  const whole = BOND * 10n ** BigInt(dollar.decimals);
  const reserve = await vaultFigure(network, market, 'reserve');
  const winner = record && nameOf(network, record.solver);
  const healthy = await assess(network, market);
  return {
    facts: [
      {
        what: 'repaid to Aave',
        amount: record?.repaid ?? 0n,
        token: dollar,
        rule: 'half of the debt, Aave’s close factor',
      },
      {
        what: 'forfeited by solver-4',
        amount: forfeited,
        token: dollar,
        rule: `${RULES_HERE.fadeBps / 100} % of what it promised to repay`,
      },
      {
        what: 'to the vault’s reserve',
        amount: reserve - reserveBefore,
        token: dollar,
        rule: 'all of the forfeit: it absorbs later shortfalls',
      },
    ],
    checks: [
      one,
      check('solver-4 faded once', faded.length === 1, `${faded.length} fades`),
      equal('it forfeited the part of its promise that the market’s rules name', dollar, forfeited, penalty),
      equal('its bond is lower by just that', dollar, bond.balance, whole - penalty),
      equal('nothing of its bond is locked', dollar, bond.locked, 0n),
      equal('the forfeit lies in the vault’s reserve', dollar, reserve - reserveBefore, penalty),
      check(
        'it is suspended: no quote of its ranks for an hour',
        bond.suspendedUntil > (await timeOn(network, 'alpha')),
        `until ${new Date(Number(bond.suspendedUntil) * 1_000).toISOString()}`,
      ),
      check(
        'another quote landed, of the same award, and was paid for',
        winner !== undefined && winner !== FADER.name && record?.intent === promised.intent,
        `${winner} paid on ${record?.payChain}`,
      ),
      await debtRepaid(network, records),
      check('the loan is healthy', healthy.repay === 0n, `nothing to repay`),
    ],
  };
}
