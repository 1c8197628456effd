import {
  type Award,
  type Certificate,
  decodeAuctionMessage,
  decodeQuote,
  domainOf,
  type Home,
  type SignedQuote,
  type SignedTally,
  TYPES,
  type Vote,
} from '@gavel/protocol';
import { hashTypedData, recoverTypedDataAddress } from 'viem';

/*
 * The baseline of validation: the same signatures checked with viem alone, as a node without our digests and
 * the native curve would do it. It decodes a message, and for every signature in it makes the typed digest
 * and recovers the signer.
 */

/** Recovers the signer of a quote's bytes. */
export async function recoverQuote(bytes: Uint8Array, home: Home): Promise<void> {
  await recoverSignedQuote(decodeQuote(bytes), home);
}

/** Recovers every signer in the bytes of a message of the awards topic. */
export async function recoverAuctionMessage(bytes: Uint8Array, home: Home): Promise<void> {
  const message = decodeAuctionMessage(bytes);
  if (message.kind === 'tally') return recoverTally(message.tally, home);
  if (message.kind === 'vote') return recoverVote(message.vote, home);
  if (message.kind === 'certificate') return recoverCertificate(message.certificate, home);
  throw new TypeError('the workload has no disavowals');
}

/** Recovers the author of a tally, and not the signers of the quotes beside it. */
export async function recoverTallyAlone({ tally, signature }: SignedTally, home: Home): Promise<void> {
  await recoverTypedDataAddress({ ...typed(home), primaryType: 'Tally', message: tally, signature });
}

async function recoverSignedQuote({ quote, signature }: SignedQuote, home: Home): Promise<void> {
  await recoverTypedDataAddress({ ...typed(home), primaryType: 'Quote', message: quote, signature });
}

async function recoverTally(signed: SignedTally, home: Home): Promise<void> {
  await recoverTallyAlone(signed, home);
  for (const quote of signed.quotes) await recoverSignedQuote(quote, home);
}

async function recoverVote({ award, cited, signature, ballot }: Vote, home: Home): Promise<void> {
  await recoverTypedDataAddress({ ...typedAward(award, home), signature });
  const message = { award: hashTypedData(typedAward(award, home)), tallies: cited };
  await recoverTypedDataAddress({ ...typed(home), primaryType: 'Ballot', message, signature: ballot });
}

async function recoverCertificate({ award, quotes, signatures }: Certificate, home: Home): Promise<void> {
  for (const signature of signatures)
    await recoverTypedDataAddress({ ...typedAward(award, home), signature });
  for (const quote of quotes) await recoverSignedQuote(quote, home);
}

function typedAward(message: Award, home: Home) {
  return { ...typed(home), primaryType: 'Award', message } as const;
}

function typed(home: Home) {
  return { domain: domainOf(home), types: TYPES } as const;
}
