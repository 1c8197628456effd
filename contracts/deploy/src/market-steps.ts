import { type Abi, type Address, parseUnits, stringToHex, zeroAddress } from 'viem';
import { structOf } from './artifacts.ts';
import { DEFAULT_ROUTE, DEFAULT_TERMS } from './defaults.ts';
import { DeployError } from './errors.ts';
import { artifactOf, at, bridgeLabel, decimalsOf, type Placed, receiverLabel, tokenOf } from './placement.ts';
import { type Setting, same, sameAnswer, setting } from './step.ts';
import type { DebtConfig, MarketConfig } from './types.ts';

/** Lists what the registry should say of one market. Throws BAD_CONFIG, BAD_ARTIFACT, WRONG_CHAIN. */
export async function marketSettings(
  placed: Placed,
  others: readonly Placed[],
  market: MarketConfig,
  registry: { readonly address: Address; readonly abi: Abi },
): Promise<Setting[]> {
  const id = stringToHex(market.id, { size: 32 });
  const artifact = artifactOf(placed, 'MarketRegistry');
  const set = (
    what: string,
    view: string,
    key: readonly unknown[],
    setter: string,
    value: readonly unknown[],
  ) =>
    setting({
      what: `${what} of ${market.id}`,
      ...registry,
      view,
      key: [id, ...key],
      setter,
      args: [id, ...key, ...value],
      matches: (answer) => sameAnswer(answer, value),
    });

  const adapter = at(placed, `adapter ${market.id}`);
  const rules = { ...market.terms, adapter, treasury: market.treasury };
  const terms = structOf(artifact, 'setTerms', 'newTerms', rules, DEFAULT_TERMS);
  const settings = [
    setting({
      what: `terms of ${market.id}`,
      ...registry,
      view: 'terms',
      key: [id],
      setter: 'setTerms',
      args: [id, terms],
      // the view answers with the version too, which is not ours to say
      matches: (answer) => Array.isArray(answer) && same(answer[0], terms),
    }),
    set(
      `auctioneers ${market.threshold} of ${market.auctioneers.length}`,
      'auctioneers',
      [],
      'setAuctioneers',
      [market.auctioneers, market.threshold],
    ),
  ];
  for (const token of market.collaterals) {
    const address = tokenOf(placed.chain.config, token);
    settings.push(set(`collateral ${token}`, 'isCollateral', [address], 'setCollateral', [true]));
  }
  for (const debt of market.debts) {
    const address = tokenOf(placed.chain.config, debt.token);
    await checkVault(placed, debt.token, address);
    const values = await debtValues(placed, debt, address);
    const debtTerms = structOf(artifact, 'setDebtTerms', 'newTerms', values);
    settings.push(set(`caps of ${debt.token}`, 'debtTerms', [address], 'setDebtTerms', [debtTerms]));
    for (const one of debt.routes) {
      const { payChain, token, fields } = one;
      const pay = others.find((other) => other.chain.config.name === payChain) ?? placed;
      const payToken = tokenOf(pay.chain.config, token);
      const bridged = {
        bridge: pay.contracts[bridgeLabel(placed.chain.config.name, one)],
        treasury: placed.contracts[receiverLabel(debt.token, one)],
      };
      const derived = {
        ...(one.warpRoute === undefined ? {} : bridged),
        payEscrow: at(pay, 'RepaymentEscrow'),
        payToken,
        payDecimals: await decimalsOf(pay.chain, payToken),
      };
      const route = structOf(artifact, 'setRoute', 'newRoute', { ...derived, ...fields }, DEFAULT_ROUTE);
      const key = [address, pay.chain.config.domain];
      settings.push(set(`route ${debt.token} from ${payChain}`, 'route', key, 'setRoute', [route]));
      if (one.reimbursement !== undefined) {
        const perOrder = parseUnits(String(one.reimbursement), await decimalsOf(placed.chain, address));
        settings.push(
          setting({
            what: `reimbursement of ${debt.token} orders from ${payChain}`,
            address: at(placed, `BackstopVault ${debt.token}`),
            abi: artifactOf(placed, 'BackstopVault').abi,
            view: 'reimbursementOf',
            key: [pay.chain.config.domain],
            setter: 'setReimbursement',
            args: [pay.chain.config.domain, perOrder],
            matches: (answer) => answer === perOrder,
          }),
        );
      }
    }
  }
  return settings;
}

/**
 * Refuses a vault that is there already, and holds another token or lends to another escrow: the registry
 * takes a debt token's vault for good.
 */
async function checkVault(placed: Placed, name: string, token: Address): Promise<void> {
  const { chain } = placed;
  const vault = at(placed, `BackstopVault ${name}`);
  if (!(await chain.hasCode(vault))) return;
  const { abi } = artifactOf(placed, 'BackstopVault');
  const read = (functionName: string) => chain.read({ address: vault, abi, functionName });
  const [asset, escrow] = await Promise.all([read('asset'), read('escrow')]);
  const ours = at(placed, 'CollateralEscrow');
  // an escrow that is not named yet is named before the registry hears of the vault
  if (same(asset, token) && (same(escrow, ours) || same(escrow, zeroAddress))) return;
  throw new DeployError(
    'WRONG_CHAIN',
    'a vault holds another token or lends to another escrow: change the salt',
    {
      meta: { chain: chain.config.name, vault, asset, token, escrow, ours },
    },
  );
}

async function debtValues(
  placed: Placed,
  debt: DebtConfig,
  token: Address,
): Promise<Record<string, unknown>> {
  const decimals = await decimalsOf(placed.chain, token);
  const amounts = Object.entries(debt.amounts).map(([name, whole]) => [
    name,
    parseUnits(String(whole), decimals),
  ]);
  return { vault: at(placed, `BackstopVault ${debt.token}`), ...Object.fromEntries(amounts) };
}
