import { type Address, parseAbi } from 'viem';
import { gavelArtifact } from '../artifacts.ts';
import type { Sender } from '../sender.ts';

/** Decimals of every feed's answer: Chainlink's custom for prices in dollars, and Aave's base unit. */
export const FEED_DECIMALS = 8;

/** The aggregator calls of a feed, and the one that moves it. */
export const priceFeedAbi = parseAbi([
  'function decimals() view returns (uint8)',
  'function description() view returns (string)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function setAnswer(int256 answer)',
  'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
]);

/** What a price change left behind. */
export interface PriceMove {
  readonly blockNumber: bigint;
  readonly transactionHash: `0x${string}`;
}

/** Deploys a feed of a dollar price with 8 decimals, moved by the sender. Throws DEVNET_TX_FAILED. */
export async function deployPriceFeed(owner: Sender, description: string, price: bigint): Promise<Address> {
  const artifact = await gavelArtifact('PriceFeed');
  return owner.deploy(artifact, [description, FEED_DECIMALS, price, owner.address]);
}

/** Gives a feed a new answer (8 decimals), and waits until it is mined. Throws DEVNET_TX_FAILED. */
export async function movePrice(owner: Sender, feed: Address, newPrice: bigint): Promise<PriceMove> {
  const { blockNumber, transactionHash } = await owner.write({
    address: feed,
    abi: priceFeedAbi,
    functionName: 'setAnswer',
    args: [newPrice],
  });
  return { blockNumber, transactionHash };
}
