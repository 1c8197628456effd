import { DEFAULT_TERMS } from './defaults.ts';
import type { Note } from './faults.ts';
import type { MarketConfig } from './types.ts';
import { show } from './values.ts';

/** What `MarketRegistry` refuses; a test holds these to the contract. */
export const REGISTRY_LIMITS = {
  /** Parts of a whole are at most one whole. */
  bps: 10_000,
  auctioneers: 16,
  /** Of collaterals, and of debts. */
  tokens: 32,
  idBytes: 32,
  trialGas: [200_000, 10_000_000],
  /** Terms that stop the market when they are zero. */
  windows: [
    'slot',
    'quoteWindow',
    'landingWindow',
    'exclusivity',
    'fillWindow',
    'proofWindow',
    'auctionLength',
    'takeDelay',
  ],
} as const;

/** What the contracts take and no market can be served with. */
export const LEAST = {
  /** Seconds: no price source is updated more often. Zero refuses each price that is older than its block. */
  maxPriceAge: 60,
  /** Basis points: no lending protocol pays a smaller bonus. */
  bonusBps: 50,
} as const;

/** Seconds: an older price is no price. */
export const MOST_PRICE_AGE = 604_800;

/** Notes what is wrong with the rules of one market, as far as the file alone shows. */
export function marketRules(market: MarketConfig, path: string, note: Note): void {
  checkId(market.id, path, note);
  checkCouncil(market, path, note);
  checkTerms(market, `${path}.terms`, note);
  for (const field of ['collaterals', 'debts'] as const) {
    if (market[field].length > REGISTRY_LIMITS.tokens) {
      note(`${path}.${field}`, `expected at most ${REGISTRY_LIMITS.tokens}, got ${market[field].length}`);
    }
    if (market[field].length === 0) note(`${path}.${field}`, 'expected at least one');
  }
  const { adapter } = market;
  if ('contract' in adapter && adapter.args.maxPriceAge !== undefined) {
    checkPriceAge(adapter.args.maxPriceAge, `${path}.adapter.arguments.maxPriceAge`, note);
  }
  for (const { token, amounts, routes } of market.debts) {
    const { keeperFee, minRepay } = amounts;
    if (Number(keeperFee) > Number(minRepay)) {
      const why = 'a solver would pay more for a landing than the debt it repays';
      note(
        `${path}.debts.${token}.amounts.keeperFee`,
        `expected at most minRepay, ${minRepay}, got ${keeperFee}: ${why}`,
      );
    }
    for (const { payChain, fields } of routes) {
      for (const name of ['feeBps', 'handicapBps']) {
        checkRange(
          fields[name],
          0,
          REGISTRY_LIMITS.bps,
          `${path}.debts.${token}.routes.${payChain}.${name}`,
          note,
        );
      }
    }
  }
}

/** Notes an age of prices with which an adapter refuses every price, or accepts any. */
export function checkPriceAge(value: unknown, path: string, note: Note): void {
  checkRange(value, LEAST.maxPriceAge, MOST_PRICE_AGE, path, note, ' (seconds)');
}

function checkId(id: string, path: string, note: Note): void {
  if (/^[\x21-\x7e]*$/.test(id) && id.length <= REGISTRY_LIMITS.idBytes) return;
  note(path, `expected an id of at most ${REGISTRY_LIMITS.idBytes} ASCII characters without spaces`);
}

/** Checks that a market's auctioneers can decide. */
function checkCouncil({ auctioneers, threshold }: MarketConfig, path: string, note: Note): void {
  const n = auctioneers.length;
  if (n > REGISTRY_LIMITS.auctioneers) {
    note(`${path}.auctioneers`, `expected at most ${REGISTRY_LIMITS.auctioneers}, got ${n}`);
  }
  if (2 * threshold <= n || threshold > n) {
    note(`${path}.threshold`, `expected more than half of the ${n} auctioneers, and at most all of them`);
  }
  if (new Set(auctioneers).size !== n) note(`${path}.auctioneers`, 'one is listed twice');
}

function checkTerms({ terms }: MarketConfig, path: string, note: Note): void {
  for (const [name, value] of Object.entries({ ...DEFAULT_TERMS, ...terms })) {
    const at = `${path}.${name}`;
    if (name === 'bonusBps') checkRange(value, LEAST.bonusBps, REGISTRY_LIMITS.bps, at, note);
    else if (name.endsWith('Bps')) checkRange(value, 0, REGISTRY_LIMITS.bps, at, note);
    else if (name === 'trialGas') checkRange(value, ...REGISTRY_LIMITS.trialGas, at, note);
    else if (REGISTRY_LIMITS.windows.some((window) => window === name) && Number(value) === 0) {
      note(at, 'expected more than 0');
    }
  }
}

/** Notes a number outside a range. What is no number is refused with the contract's values. */
function checkRange(value: unknown, least: number, most: number, path: string, note: Note, unit = ''): void {
  const number = Number(value);
  if (value === undefined || !Number.isInteger(number) || number < 0 || number > 2 ** 32) return;
  if (number < least || number > most) note(path, `expected ${least} to ${most}${unit}, got ${show(value)}`);
}
