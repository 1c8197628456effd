/** The protocol module of the worked example of docs/how-to/integrate-a-protocol.md. */
import { defineProtocol } from '@gavel/solver-sdk';
import { encodeAbiParameters, parseAbi } from 'viem';

const READS = parseAbi([
  'function COLLATERAL() view returns (address)',
  'function DEBT() view returns (address)',
  'function COLLATERAL_FEED() view returns (address)',
  'function DEBT_FEED() view returns (address)',
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80, int256 answer, uint256, uint256, uint80)',
]);

export default defineProtocol({
  events: parseAbi(['event Borrowed(address indexed borrower, uint256 amount)']),
  // A position is its borrower, as `TinyLendAdapter` encodes it.
  positions:
    () =>
    ({ args: { borrower } }) => [encodeAbiParameters([{ type: 'address' }], [borrower])],
  async valueInDebt(_, amount, { source, read, readFixed }) {
    const ofMarket = (functionName: 'COLLATERAL' | 'DEBT' | 'COLLATERAL_FEED' | 'DEBT_FEED') =>
      readFixed({ address: source, abi: READS, functionName });
    const unitOf = async (token: 'COLLATERAL' | 'DEBT') =>
      10n **
      BigInt(await readFixed({ address: await ofMarket(token), abi: READS, functionName: 'decimals' }));
    const priceOf = async (feed: 'COLLATERAL_FEED' | 'DEBT_FEED') => {
      const address = await ofMarket(feed);
      const [, answer] = await read({ address, abi: READS, functionName: 'latestRoundData' });
      if (answer <= 0n) throw new RangeError(`${feed} has no price`);
      return answer;
    };
    const [collateralUnit, debtUnit, collateralPrice, debtPrice] = await Promise.all([
      unitOf('COLLATERAL'),
      unitOf('DEBT'),
      priceOf('COLLATERAL_FEED'),
      priceOf('DEBT_FEED'),
    ]);
    return (amount * collateralPrice * debtUnit) / (debtPrice * collateralUnit);
  },
});
