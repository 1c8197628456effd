import type { Address } from 'viem';
import { sameAddress } from '../brands.ts';
import { ProtocolError } from '../errors.ts';

/** Refuses a signer outside the market's auctioneers with NOT_AUCTIONEER. */
export function checkAuctioneer(signer: Address, auctioneers: readonly Address[]): void {
  if (auctioneers.some((auctioneer) => sameAddress(auctioneer, signer))) return;
  throw new ProtocolError('NOT_AUCTIONEER', "A signer is not one of the market's auctioneers", {
    meta: { got: signer, expected: auctioneers.join(' ') },
  });
}
