import { type Abi, type Address, isAddressEqual, pad, parseAbi, zeroAddress } from 'viem';
import { protocolBonus } from './bonus.ts';
import type { Faults } from './faults.ts';
import { checkPriceAge } from './market-rules.ts';
import { adapterLabel, type Placed, tokenOf, vaultLabel, warpRoutes } from './placement.ts';
import { explainRevert, revertOf } from './reverts.ts';
import { same } from './step.ts';
import { type Config, type Governor, MAILBOX_DEFAULT, type MarketConfig } from './types.ts';

/** Records what a chain itself says against a deployment. Sends nothing. */
export async function survey(
  placed: Placed,
  others: readonly Placed[],
  config: Config,
  faults: Faults,
): Promise<void> {
  const { name, admin, guardian } = placed.chain.config;
  await checkGovernor(placed, `chains.${name}.admin`, admin, faults);
  await checkGovernor(placed, `chains.${name}.guardian`, guardian, faults);
  await checkSecurityModule(placed, faults);
  await checkCreations(placed, config, faults);
  for (const { token } of placed.chain.config.vaults) await checkVault(placed, token, faults);
  for (const market of placed.chain.config.markets) {
    if ('address' in market.adapter) await checkAdapter(placed, market, market.adapter.address, faults);
    await checkBonus(placed, market, faults);
  }
  await checkWarpRoutes(placed, others, config, faults);
}

/** A key that one person can lose or leak governs only where the file accepts that. */
async function checkGovernor(
  { chain }: Placed,
  path: string,
  { address, withoutCode }: Governor,
  faults: Faults,
): Promise<void> {
  if (withoutCode || (await chain.isContract(address))) return;
  const accept = `{ address: "${address}", withoutCode: accepted }`;
  faults.note(
    path,
    `${address} has no code on this chain: name a multisig that exists there, or write ${accept}`,
  );
}

async function checkSecurityModule({ chain }: Placed, faults: Faults): Promise<void> {
  const { name, securityModule, mailbox } = chain.config;
  const path = `chains.${name}.securityModule`;
  if (securityModule === undefined) return;
  if (securityModule !== MAILBOX_DEFAULT) {
    const type = await chain.read({ address: securityModule, abi: HYPERLANE, functionName: 'moduleType' });
    if (typeof type !== 'number') faults.note(path, `there is no security module at ${securityModule}`);
    return;
  }
  const module = await chain.read({ address: mailbox, abi: HYPERLANE, functionName: 'defaultIsm' });
  if (module === zeroAddress) faults.note(path, `the mailbox ${mailbox} has no default`);
}

/** Runs the constructors of contracts that do not exist, so that none reverts half-way through `apply`. */
async function checkCreations({ chain, creations }: Placed, config: Config, faults: Faults): Promise<void> {
  for (const { what, address, initCode, artifact } of creations) {
    if (await chain.hasCode(address)) continue;
    try {
      await chain.ask((client) => client.call({ account: config.deployer, data: initCode }));
    } catch (error) {
      const revert = revertOf(error);
      if (revert === undefined) throw error;
      faults.note(
        pathOf(chain.config.name, what),
        `its constructor reverts: ${explainRevert(revert, [artifact.abi])}`,
      );
    }
  }
}

function pathOf(chain: string, what: string): string {
  const market = /^adapter (.*)$/.exec(what)?.[1];
  return market === undefined ? `chains.${chain}: ${what}` : `chains.${chain}.markets.${market}.adapter`;
}

/**
 * Refuses a vault that is there already, and holds another token or lends to another escrow: the registry
 * takes a debt token's vault for good.
 */
async function checkVault(placed: Placed, token: string, faults: Faults): Promise<void> {
  const { chain, contracts } = placed;
  const vault = contracts[vaultLabel(token)];
  if (vault === undefined || !(await chain.hasCode(vault))) return;
  const escrow = await chain.read({ address: vault, abi: VAULT, functionName: 'escrow' });
  // an escrow that is not named yet is named before the registry hears of the vault
  if (same(escrow, contracts.CollateralEscrow) || same(escrow, zeroAddress)) return;
  faults.note(
    `chains.${chain.config.name}.vaults.${token}`,
    `the vault ${vault} lends to another escrow, ${String(escrow)}: change the salt`,
  );
}

async function checkAdapter(
  { chain, contracts }: Placed,
  market: MarketConfig,
  adapter: Address,
  faults: Faults,
): Promise<void> {
  const path = `chains.${chain.config.name}.markets.${market.id}.adapter.address`;
  if (!(await chain.isContract(adapter))) {
    faults.note(path, `there is no contract at ${adapter} on this chain: deploy the adapter first`);
    return;
  }
  const read = (functionName: string) => chain.read({ address: adapter, abi: ADAPTER, functionName });
  const [escrow, age] = [await read('ESCROW'), await read('MAX_PRICE_AGE')];
  if (typeof escrow !== 'string') faults.note(path, `${adapter} does not name its escrow: expected ESCROW()`);
  else if (!same(escrow, contracts.CollateralEscrow)) {
    const expected = String(contracts.CollateralEscrow);
    faults.note(
      path,
      `the adapter serves the escrow ${escrow}, expected ${expected}: deploy one for this escrow`,
    );
  }
  if (typeof age === 'bigint') checkPriceAge(Number(age), `${path}: MAX_PRICE_AGE`, faults.note);
}

/** Holds `bonusBps`, which sizes late penalties, to the bonus that the protocol pays. */
async function checkBonus(placed: Placed, market: MarketConfig, faults: Faults): Promise<void> {
  const { name } = placed.chain.config;
  const path = `chains.${name}.markets.${market.id}`;
  const bonus = await protocolBonus(placed, market, (problem) => faults.note(`${path}.adapter`, problem));
  const given = Number(market.terms.bonusBps);
  if (bonus === undefined || !(given < bonus.bps)) return;
  const why = 'a solver could gain by overtaking itself';
  faults.note(`${path}.terms.bonusBps`, `expected at least ${bonus.bps}, ${bonus.of}, got ${given}: ${why}`);
}

/** Checks that a warp route carries the pay token, and leads to the debt token's chain. */
async function checkWarpRoutes(
  pay: Placed,
  others: readonly Placed[],
  config: Config,
  faults: Faults,
): Promise<void> {
  for (const { home, market, token, route } of warpRoutes(config)) {
    const router = route.warpRoute;
    if (route.payChain !== pay.chain.config.name || router === undefined) continue;
    const path = `chains.${home.name}.markets.${market}.debts.${token}.routes.${route.payChain}.warpRoute`;
    const carried = await tokenOfRouter(pay, router);
    if (carried === undefined) {
      faults.note(path, `there is no warp route at ${router} on ${route.payChain}`);
      continue;
    }
    const payToken = await faults.guard(path, () => tokenOf(pay.chain.config, route.token));
    if (payToken !== undefined && !isAddressEqual(carried, payToken)) {
      faults.note(path, `the warp route carries ${carried}, expected ${route.token}, ${payToken}`);
    }
    const end = await pay.chain.read({
      address: router,
      abi: HYPERLANE,
      functionName: 'routers',
      args: [home.domain],
    });
    if (end === undefined || end === pad('0x', { size: 32 })) {
      faults.note(
        path,
        `the warp route does not lead to domain ${home.domain}: enroll its router of ${home.name}`,
      );
      continue;
    }
    const there = others.find(({ chain }) => chain.config.name === home.name);
    const debt = home.tokens[token];
    if (there === undefined || debt === undefined) continue;
    const arrives = await tokenOfRouter(there, `0x${String(end).slice(-40)}`);
    if (arrives === undefined || isAddressEqual(arrives, debt)) continue;
    faults.note(path, `the warp route delivers ${arrives} on ${home.name}, expected ${token}, ${debt}`);
  }
}

async function tokenOfRouter({ chain }: Placed, router: Address): Promise<Address | undefined> {
  const token = await chain.read({ address: router, abi: HYPERLANE, functionName: 'token' });
  return typeof token === 'string' ? (token as Address) : undefined;
}

const HYPERLANE: Abi = parseAbi([
  'function moduleType() view returns (uint8)',
  'function defaultIsm() view returns (address)',
  'function token() view returns (address)',
  'function routers(uint32 domain) view returns (bytes32)',
]);
const VAULT: Abi = parseAbi(['function escrow() view returns (address)']);
const ADAPTER: Abi = parseAbi([
  'function ESCROW() view returns (address)',
  'function MAX_PRICE_AGE() view returns (uint256)',
]);

/** The adapter of a market, as far as it has a place. */
export function adapterOf({ contracts }: Placed, market: MarketConfig): Address | undefined {
  return contracts[adapterLabel(market.id)];
}
