import { aaveMarginCallAbi } from '@gavel/abi';
import { sameAddress } from '@gavel/protocol';
import { formatUnits, parseUnits } from 'viem';
import { siteOf } from '../network.ts';
import { MAIN_PLAN, MARGIN_CALLS, SOLVERS } from '../plan.ts';
import { check, debtRepaid } from '../story/checks.ts';
import { PATIENCE_MS } from '../story/observer.ts';
import { isComplete, liquidationsOf } from '../story/records.ts';
import { approve, balanceOf } from '../tokens.ts';
import { type Chapter, type Ending, marketOn, type Stage } from './chapter.ts';
import { assess, equal, onlyOne } from './reads.ts';

const [CAREFUL, OTHER] = [16, 17];
/** Health, and collateral given beyond the debt repaid at most; basis points. */
const TERMS = { triggerBps: 10_500, targetBps: 11_000, penaltyBps: 200 };
const FALLEN = 3_840n;
const WAD = 10n ** 18n;

/** A loan trimmed before any account could liquidate it. */
export const marginCall: Chapter = {
  name: 'margin-call',
  about:
    'A borrower agrees to be trimmed at a health of 1.05: a small, cheap sale happens there, before Aave’s own threshold.',
  opening: [
    'Two borrowers owe as much for their ether as each other. One lets Aave’s margin-call adapter trim its loan when health',
    'falls below 1.05, up to 1.10, for a penalty of at most 2 %. Aave itself would wait until health is below 1, and then',
    'hand out a bonus of 5 %.',
    'When ether falls, the first loan is trimmed in an ordinary auction. Nobody may touch the second one.',
    'Different from the main story: a third market, of margin calls, on alpha; two loans, two solvers.',
  ],
  plan: {
    ...MAIN_PLAN,
    loans: {
      alpha: [
        { account: CAREFUL, collateral: 'WETH', thousandths: 10_000n, debt: 30_600n },
        { account: OTHER, collateral: 'WETH', thousandths: 10_000n, debt: 30_600n },
      ],
      beta: [],
    },
    solvers: SOLVERS.filter(({ name }) => name === 'solver-1' || name === 'solver-4'),
    marginCalls: true,
  },
  play,
};

async function play(stage: Stage): Promise<Ending> {
  const { network, observer, say } = stage;
  const lending = marketOn(network, 'alpha');
  const calls = network.markets.find(({ id }) => id === MARGIN_CALLS.id) ?? lending;
  const { chain, dollar } = siteOf(network, 'alpha');
  const collateral = lending.collaterals.WETH;
  const aToken =
    lending.custody.find(({ token }) => sameAddress(token, collateral.address))?.holder ?? collateral.address;
  const [careful, other] = lending.positions;
  if (careful === undefined || other === undefined) {
    return { facts: [], checks: [check('two loans are open', false, 'they are not')] };
  }
  const borrower = stage.as('alpha', CAREFUL);
  // Ten ethers at most, and what they earn meanwhile.
  await approve(borrower, aToken, calls.adapter, parseUnits('11', 18));
  await borrower.write({
    address: calls.adapter,
    abi: aaveMarginCallAbi,
    functionName: 'setTerms',
    args: [careful.position, TERMS],
  });
  say(
    'The careful borrower has agreed: trigger 1.05, target 1.10, penalty at most 2 %. The other one has not.',
  );
  const depositBefore = await balanceOf(chain, aToken, careful.borrower);
  await stage.price('alpha', 'WETH', FALLEN);
  const fallen = await chain.publicClient.getBlockNumber();
  const atAave = await assess(network, lending, { blockNumber: fallen - 1n });
  say(
    `Both loans’ health is ${formatUnits(atAave.health / 10n ** 15n, 3)}: above Aave’s threshold of 1, below the trigger of 1.05.`,
  );
  await observer.until('a landing', PATIENCE_MS, () => liquidationsOf(network, observer).length > 0);
  await observer.until('the landing to be complete', PATIENCE_MS, () =>
    liquidationsOf(network, observer).every(isComplete),
  );

  const records = liquidationsOf(network, observer);
  const { record, check: one } = onlyOne(records);
  if (record === undefined) return { facts: [], checks: [one] };
  const { landing, repaid, seized, ask } = record;
  const before = landing.block - 1n;
  const [aaveBefore, callBefore, aaveAfter, callAfter, otherAfter, depositAfter] = await Promise.all([
    assess(network, lending, { blockNumber: before }),
    assess(network, calls, { blockNumber: before }),
    assess(network, lending, { blockNumber: landing.block }),
    assess(network, calls, { blockNumber: landing.block }),
    assess(network, calls, { blockNumber: landing.block, at: 1 }),
    balanceOf(chain, aToken, careful.borrower),
  ]);
  const worth = (ask * FALLEN * 10n ** BigInt(dollar.decimals)) / 10n ** BigInt(collateral.decimals);
  const penalty = worth - repaid;
  const most = (repaid * BigInt(TERMS.penaltyBps)) / 10_000n;
  const target = (BigInt(TERMS.targetBps) * WAD) / 10_000n;
  const trigger = (BigInt(TERMS.triggerBps) * WAD) / 10_000n;
  const gone = depositBefore - depositAfter;
  return {
    facts: [
      { what: 'repaid to Aave', amount: repaid, token: dollar, rule: 'just what lifts health to the target' },
      {
        what: 'taken from the deposit',
        amount: seized,
        token: collateral,
        rule: 'exactly the winner’s ask; nothing round-trips',
      },
      {
        what: 'penalty paid',
        amount: penalty,
        token: dollar,
        rule: `at most ${amountOf(most, dollar.decimals)}, the borrower’s 2 %`,
      },
      {
        what: 'Aave’s bonus for the same',
        amount: repaid / 20n,
        token: dollar,
        rule: '5 %, had it come to a liquidation',
      },
    ],
    checks: [
      one,
      check(
        'of the margin call, not of Aave’s own market',
        record.market.id === MARGIN_CALLS.id && sameAddress(record.position.borrower, careful.borrower),
        record.market.id,
      ),
      check(
        'Aave’s own threshold was never reached',
        atAave.repay === 0n && aaveBefore.repay === 0n && aaveBefore.health > WAD,
        `health ${formatUnits(aaveBefore.health, 18)}`,
      ),
      check(
        'the borrower’s trigger was',
        aaveBefore.health < trigger && callBefore.health < WAD && callBefore.repay > 0n,
        'below 1.05',
      ),
      equal('all that was taken is the ask', collateral, seized, ask),
      check('and it is gone from the deposit, to a rounding of Aave’s', near(gone, ask, 2n), `${gone} units`),
      check('the penalty is within the borrower’s terms', penalty <= most, `${penalty} of ${most} units`),
      check('and below Aave’s bonus', penalty < repaid / 20n, `${penalty} of ${repaid / 20n} units`),
      check(
        'health is at the target, or above it by what the ask left',
        aaveAfter.health + 10n ** 12n >= target && callAfter.repay === 0n,
        `health ${formatUnits(aaveAfter.health, 18)}`,
      ),
      check(
        'the other loan was not touched',
        otherAfter.repay === 0n &&
          records.every(({ position }) => !sameAddress(position.borrower, other.borrower)),
        'nothing callable',
      ),
      await debtRepaid(network, records),
    ],
  };
}

/**
 * Tells whether two amounts differ by at most some units: Aave's own, earned by the second, moves by
 * roundings.
 */
function near(a: bigint, b: bigint, units: bigint): boolean {
  const difference = a > b ? a - b : b - a;
  return difference <= units;
}

function amountOf(value: bigint, decimals: number): string {
  return Number(formatUnits(value, decimals)).toFixed(2);
}
