import { GavelError } from '@gavel/protocol';
import type { MultiProvider } from '@hyperlane-xyz/sdk';
import { configureRootLogger, LogFormat, LogLevel, ProtocolType } from '@hyperlane-xyz/utils';
import { type Address, getAddress, type Hex } from 'viem';
import type { HyperlaneCore } from './hyperlane-core.ts';

/** What the process is asked to deploy; plain data. */
export interface DeployRequest {
  readonly chains: readonly {
    readonly name: string;
    readonly chainId: number;
    readonly domain: number;
    readonly rpcUrl: string;
  }[];
  readonly deployerKey: Hex;
  readonly owner: Address;
  readonly validators: readonly Address[];
  readonly threshold: number;
  /** Wei, decimal. */
  readonly messageFee: string;
  readonly feeBeneficiary: Address;
}

/** What it answers: the addresses by chain name, or why not. */
export type DeployReply =
  | { readonly cores: Readonly<Record<string, HyperlaneCore>> }
  | { readonly failure: string };

/** Deploys the real core with Hyperlane's own SDK, to all the chains side by side. */
async function deploy(
  sdk: Sdk,
  ethers: Ethers,
  request: DeployRequest,
): Promise<Record<string, HyperlaneCore>> {
  const multiProvider = new sdk.MultiProvider<object>(
    Object.fromEntries(
      request.chains.map(({ name, chainId, domain, rpcUrl }) => [
        name,
        {
          name,
          chainId,
          domainId: domain,
          protocol: ProtocolType.Ethereum,
          rpcUrls: [{ http: rpcUrl }],
          blocks: { confirmations: 1, estimateBlockTime: 1 },
        },
      ]),
    ),
  );
  multiProvider.setSharedSigner(new ethers.Wallet(request.deployerKey));
  const deployed = await Promise.all(
    request.chains.map(async ({ name }) => {
      const provider = multiProvider.getProvider(name);
      // waiting for receipts at the default 4 seconds would take minutes
      if ('pollingInterval' in provider) provider.pollingInterval = 20;
      const fromBlock = BigInt(await provider.getBlockNumber());
      return [name, { ...(await deployChain(sdk, multiProvider, name, request)), fromBlock }] as const;
    }),
  );
  return Object.fromEntries(deployed);
}

async function deployChain(
  sdk: Sdk,
  multiProvider: MultiProvider,
  name: string,
  request: DeployRequest,
): Promise<Omit<HyperlaneCore, 'fromBlock'>> {
  const factories = await new sdk.HyperlaneProxyFactoryDeployer(multiProvider).deploy({ [name]: {} });
  const isms = new sdk.HyperlaneIsmFactory(factories, multiProvider);
  const others = request.chains.filter((chain) => chain.name !== name);
  const multisig = {
    type: sdk.IsmType.MESSAGE_ID_MULTISIG,
    validators: [...request.validators],
    threshold: request.threshold,
  };
  const core = await new sdk.HyperlaneCoreDeployer(multiProvider, isms).deploy({
    [name]: {
      owner: request.owner,
      defaultIsm: {
        type: sdk.IsmType.ROUTING,
        owner: request.owner,
        domains: Object.fromEntries(others.map((chain) => [chain.name, multisig])),
      },
      defaultHook: { type: sdk.HookType.MERKLE_TREE },
      requiredHook: {
        type: sdk.HookType.PROTOCOL_FEE,
        owner: request.owner,
        beneficiary: request.feeBeneficiary,
        protocolFee: request.messageFee,
        maxProtocolFee: (BigInt(request.messageFee) * 100n).toString(),
      },
    },
  });
  // the test recipient is deployed too, but left out of the SDK's type
  const contracts = core[name] as
    | ((typeof core)[string] & { readonly testRecipient?: Addressed })
    | undefined;
  if (contracts?.testRecipient === undefined)
    throw new GavelError('DEVNET_HYPERLANE_FAILED', 'the SDK deployed no core to a chain', {
      meta: { chain: name },
    });
  const { mailbox, testRecipient } = contracts;
  const [defaultIsm, merkleTreeHook, protocolFee] = await Promise.all([
    mailbox.defaultIsm(),
    mailbox.defaultHook(),
    mailbox.requiredHook(),
  ]);
  return {
    mailbox: getAddress(mailbox.address),
    merkleTreeHook: getAddress(merkleTreeHook),
    protocolFee: getAddress(protocolFee),
    defaultIsm: getAddress(defaultIsm),
    testRecipient: getAddress(testRecipient.address),
  };
}

interface Addressed {
  readonly address: string;
}

type Sdk = typeof import('@hyperlane-xyz/sdk');
type Ethers = typeof import('ethers').ethers;

/** Answers the one request of the parent process; the SDK loads while the request is still awaited. */
function main(answer: (reply: DeployReply) => void): void {
  configureRootLogger(LogFormat.JSON, LogLevel.Off);
  const loading = Promise.all([import('@hyperlane-xyz/sdk'), import('ethers')]);
  process.once('disconnect', () => process.exit());
  process.once('message', async (request: DeployRequest) => {
    try {
      const [sdk, { ethers }] = await loading;
      answer({ cores: await deploy(sdk, ethers, request) });
    } catch (cause) {
      answer({ failure: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
    }
  });
}

// only ever forked: the SDK takes seconds to load, and its polyfills do not bear a thread
if (import.meta.main && process.send) main((reply) => process.send?.(reply));
