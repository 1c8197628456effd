/**
 * Writes `examples/*.yaml` from the packages that publish addresses: Hyperlane's registry and Aave's address
 * book. Run by `npm run examples`; a test fails when the committed files differ from what the packages say.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as aaveBaseSepolia from '@aave-dao/aave-address-book/AaveV3BaseSepolia';
import * as aaveSepolia from '@aave-dao/aave-address-book/AaveV3Sepolia';
import { npmCommand } from '../../scripts/command.ts';

/** Where the examples are. */
export const FOLDER: string = join(import.meta.dirname, '../examples');

const require = createRequire(import.meta.url);

/** What an example takes from Hyperlane's registry. */
interface Hyperlane {
  readonly chainId: number;
  readonly domainId: number;
  readonly displayName: string;
  readonly confirmations: number;
  readonly mailbox: string;
}

/** Collects the files that an example is made from, so that its head can name them with a hash. */
class Sources {
  readonly #packages = new Map<string, { version: string; files: Map<string, string> }>();

  /** Reads a file of an installed package, and remembers it. */
  read(name: string, manifest: string, file: string): string {
    const known = this.#packages.get(name) ?? {
      version: JSON.parse(readFileSync(manifest, 'utf8')).version,
      files: new Map<string, string>(),
    };
    const text = readFileSync(join(dirname(manifest), file), 'utf8');
    known.files.set(file, text);
    this.#packages.set(name, known);
    return text;
  }

  /** One line a package: its name, its version, and the hash of the files that were read. */
  lines(): string[] {
    return [...this.#packages].map(([name, { version, files }]) => {
      const hash = createHash('sha256');
      for (const file of [...files.keys()].sort())
        hash
          .update(file)
          .update('\0')
          .update(files.get(file) ?? '');
      return `#   ${name} ${version}, sha256 ${hash.digest('hex')}`;
    });
  }
}

function hyperlane(sources: Sources, chain: string): Hyperlane {
  const name = '@hyperlane-xyz/registry';
  // the package exports its chains, and not its manifest
  const manifest = join(dirname(require.resolve(`${name}/chains/schema.json`)), '../../package.json');
  const read = (file: string) =>
    JSON.parse(sources.read(name, manifest, `dist/chains/${chain}/${file}.json`));
  const { chainId, domainId, displayName, blocks } = read('metadata');
  return {
    chainId,
    domainId,
    displayName,
    confirmations: blocks.confirmations,
    mailbox: read('addresses').mailbox,
  };
}

function aave(sources: Sources, market: string): void {
  const name = '@aave-dao/aave-address-book';
  const manifest = join(dirname(require.resolve(name)), '../package.json');
  sources.read(name, manifest, `dist/${market}.mjs`);
}

/** The text of every example, by file name. */
export function examples(): Readonly<Record<string, string>> {
  const sources = new Sources();
  const [home, pay] = [hyperlane(sources, 'sepolia'), hyperlane(sources, 'basesepolia')];
  for (const market of ['AaveV3Sepolia', 'AaveV3BaseSepolia']) aave(sources, market);
  const { ASSETS: homeAssets, POOL_ADDRESSES_PROVIDER: provider } = aaveSepolia;
  const text = `# Aave v3 on ${home.displayName}, payable from ${pay.displayName}: see docs/how-to/deploy.md.
# Written by npm run examples -w @gavel/deploy, never edited. Addresses are from
${sources.lines().join('\n')}
# A value $NAME is taken from the environment.
salt: sepolia-1
deployer: $DEPLOYER
# keys will do for a test network; where value is at stake, name multisigs: admin: "0x…"
admin: { address: $ADMIN, withoutCode: accepted }
guardian: { address: $GUARDIAN, withoutCode: accepted }
delay: 86400
chains:
  sepolia:
    rpc: $SEPOLIA_RPC
    chainId: ${home.chainId}
    domain: ${home.domainId}
    mailbox: "${home.mailbox}"
    securityModule: the mailbox's default
    bondDelay: 3600
    transactions: { maxFeeGwei: 100, confirmations: ${home.confirmations} }
    tokens:
      USDC: "${homeAssets.USDC.UNDERLYING}"
      WETH: "${homeAssets.WETH.UNDERLYING}"
      WBTC: "${homeAssets.WBTC.UNDERLYING}"
    vaults:
      USDC: { redemptionDelay: 21600 }
    markets:
      aave-sepolia:
        adapter:
          contract: AaveV3Adapter
          arguments: { provider: "${provider}", badDebtRecipient: $TREASURY, maxPriceAge: 90000 }
        treasury: $TREASURY
        collaterals: [WETH, WBTC]
        auctioneers: [$AUCTIONEER_1, $AUCTIONEER_2, $AUCTIONEER_3]
        threshold: 2
        terms: { slot: 1, bonusBps: 1000 }
        debts:
          USDC:
            amounts: { keeperFee: 2, minRepay: 50, capPrincipal: 10000, capRepaid: 20000 }
            routes:
              base-sepolia: { token: USDC, treasury: $TREASURY, feeBps: 5 }
  base-sepolia:
    rpc: $BASE_SEPOLIA_RPC
    chainId: ${pay.chainId}
    domain: ${pay.domainId}
    mailbox: "${pay.mailbox}"
    securityModule: the mailbox's default
    bondDelay: 3600
    transactions: { maxFeeGwei: 10, confirmations: ${pay.confirmations} }
    tokens:
      USDC: "${aaveBaseSepolia.ASSETS.USDC.UNDERLYING}"
`;
  return { 'sepolia-base-sepolia.yaml': text };
}

if (import.meta.main) {
  npmCommand('examples', 'Write the example files from the packages that publish addresses.').parse();
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, text] of Object.entries(examples())) writeFileSync(join(FOLDER, file), text);
}
