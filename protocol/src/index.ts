export * from './address-problem.ts';
export * from './bonds.ts';
export * from './brands.ts';
export * from './errors.ts';
export { address as parseAddress, bytes32 as parseBytes32, toBytes, toHex } from './fields.ts';
export * from './limits.ts';
export * from './lots.ts';
export * from './messages/auction.ts';
export {
  type Attempt,
  type Award,
  awardDigest,
  awardOf,
  awardStructHash,
  checkAwardShape,
  rankedOf,
} from './messages/award.ts';
export {
  assembleCertificate,
  type Certificate,
  checkCertificateShape,
  decodeCertificate,
  encodeCertificate,
  type Landing,
  landingOf,
  type VerifiedCertificate,
  verifyCertificate,
} from './messages/certificate.ts';
export { type Disavowal, signDisavowal, verifyDisavowal } from './messages/disavowal.ts';
export {
  checkIntentShape,
  decodeIntent,
  deriveIntent,
  encodeIntent,
  type Intent,
  type IntentFacts,
  type IntentRules,
  intentDigest,
  intentStructHash,
} from './messages/intent.ts';
export * from './messages/order.ts';
export {
  decodeQuote,
  encodeQuote,
  type Quote,
  quoteDigest,
  quoteStructHash,
  type SignedQuote,
  signQuote,
  type VerifiedQuote,
  verifyQuote,
} from './messages/quote.ts';
export {
  checkTallyShape,
  decodeTally,
  encodeTally,
  type SignedTally,
  signTally,
  type Tally,
  tallyDigest,
  tallyStructHash,
  type VerifiedTally,
  verifyTally,
} from './messages/tally.ts';
export {
  type Ballot,
  ballotDigest,
  ballotStructHash,
  checkVoteShape,
  decodeVote,
  encodeVote,
  signVote,
  type Vote,
  verifyVote,
} from './messages/vote.ts';
export * from './primitives.ts';
export * from './ranking.ts';
export { addressOfKey, checkSignature, recoverSigner, signDigest } from './signatures.ts';
export * from './tallying.ts';
export * from './topics.ts';
export {
  DOMAIN_NAME,
  DOMAIN_VERSION,
  domainOf,
  domainSeparator,
  type Home,
  TYPE_HASHES,
  TYPES,
  type TypeName,
} from './typed-data.ts';
