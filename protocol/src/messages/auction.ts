import { ProtocolError } from '../errors.ts';
import { gavel } from '../gen/gavel.js';
import { codec } from '../wire.ts';
import { type Certificate, certificateFromWire, certificateToWire } from './certificate.ts';
import { type Disavowal, disavowalFromWire, disavowalToWire } from './disavowal.ts';
import { type SignedTally, tallyFromWire, tallyToWire } from './tally.ts';
import { type Vote, voteFromWire, voteToWire } from './vote.ts';

/** Any message of the awards topic. */
export type AuctionMessage =
  | { readonly kind: 'tally'; readonly tally: SignedTally }
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'disavowal'; readonly disavowal: Disavowal };

const auctionCodec = codec('AuctionMessage', gavel.v1.AuctionMessage, toWire, fromWire);

/** Encodes a message for the awards topic in its one encoding. Throws as the part's own encoder does. */
export const encodeAuctionMessage = auctionCodec.encode;

/** Decodes a message of the awards topic. Throws a ProtocolError, and nothing else, on any other bytes. */
export const decodeAuctionMessage = auctionCodec.decode;

function toWire(message: AuctionMessage): gavel.v1.AuctionMessage.$Properties {
  switch (message.kind) {
    case 'tally':
      return { tally: tallyToWire(message.tally) };
    case 'vote':
      return { vote: voteToWire(message.vote) };
    case 'certificate':
      return { certificate: certificateToWire(message.certificate) };
    case 'disavowal':
      return { disavowal: disavowalToWire(message.disavowal) };
  }
}

function fromWire(wire: gavel.v1.AuctionMessage.$Properties): AuctionMessage {
  if (wire.tally) return { kind: 'tally', tally: tallyFromWire(wire.tally) };
  if (wire.vote) return { kind: 'vote', vote: voteFromWire(wire.vote) };
  if (wire.certificate) {
    return { kind: 'certificate', certificate: certificateFromWire(wire.certificate) };
  }
  if (wire.disavowal) return { kind: 'disavowal', disavowal: disavowalFromWire(wire.disavowal) };
  throw new ProtocolError(
    'BAD_FIELD',
    'An auction message is a tally, a vote, a certificate or a disavowal',
    {
      meta: { field: 'body', got: 'nothing' },
    },
  );
}
