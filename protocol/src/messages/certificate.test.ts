import { describe, expect, it } from 'vitest';
import { signDigest } from '../signatures.ts';
import { auctioneers, home, key, keys } from '../testing/arbitraries.ts';
import { expectCode } from '../testing/expect-code.ts';
import { awardDigest, awardOf } from './award.ts';
import {
  assembleCertificate,
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  landingOf,
  verifyCertificate,
} from './certificate.ts';
import { deriveIntent, intentDigest } from './intent.ts';
import { quoteDigest, signQuote } from './quote.ts';

const account = (n: number) => `0x${String(n).padStart(40, '0')}` as const;
const intent = deriveIntent({
  homeDomain: 1001,
  escrow: home.escrow,
  market: `0x${'11'.repeat(32)}` as const,
  position: `0x${'22'.repeat(64)}`,
  round: 1n,
  block: { number: 8n, hash: `0x${'33'.repeat(32)}`, timestamp: 1_000n },
  assessment: { collateral: account(1), debt: account(2), repay: 100n, seizable: 50n },
  rules: { slot: 4, quoteWindow: 1_000, landingWindow: 10 },
});
const name = intentDigest(intent, home);
const quotes = [11, 12, 13].map((solver) =>
  signQuote(
    {
      intent: name,
      solver: account(solver),
      ask: BigInt(solver),
      payDomain: 1,
      payout: account(99),
      epoch: 0n,
    },
    home,
    key,
  ),
);
const award = awardOf(
  name,
  1,
  quotes.map(({ quote }) => quoteDigest(quote, home)),
);
const signatures = keys.map((signer) => signDigest(awardDigest(award, home), signer));
const certificate = assembleCertificate({ intent, award, quotes, signatures }, home, auctioneers, 3);

const refused = (code: Parameters<typeof expectCode>[0], change: Partial<Certificate>, threshold = 3) =>
  expectCode(code, () => verifyCertificate({ ...certificate, ...change }, home, auctioneers, threshold));

describe('assembling a certificate', () => {
  it('gives one certificate from votes and quotes in any order, some of them twice', () => {
    const shuffled = {
      intent,
      award,
      quotes: [...quotes].reverse(),
      signatures: [...signatures].reverse().concat(signatures),
    };
    expect(assembleCertificate(shuffled, home, auctioneers, 3)).toEqual(certificate);
  });

  it('is refused without a quote the award ranks, and below the threshold', () => {
    const few = { intent, award, quotes, signatures: signatures.slice(0, 2) };
    expectCode('NOT_THRESHOLD', () => assembleCertificate(few, home, auctioneers, 3));
    const without = { intent, award, quotes: quotes.slice(1), signatures };
    expectCode('MISMATCH', () => assembleCertificate(without, home, auctioneers, 3));
  });
});

describe('verifying a certificate', () => {
  it('returns what was signed and by whom, ascending', () => {
    const verified = verifyCertificate(certificate, home, auctioneers, 3);
    expect(verified.intent).toBe(name);
    expect(verified.award).toBe(awardDigest(award, home));
    expect(verified.signers).toEqual([...auctioneers].sort().slice(0, 3));
  });

  it('holds after the wire', () => {
    const again = decodeCertificate(encodeCertificate(certificate));
    expect(verifyCertificate(again, home, auctioneers, 3)).toEqual(
      verifyCertificate(certificate, home, auctioneers, 3),
    );
  });

  it('refuses fewer or more signatures than the threshold', () => {
    refused('NOT_THRESHOLD', { signatures: certificate.signatures.slice(1) });
    refused('NOT_THRESHOLD', {}, 2);
    refused('NOT_THRESHOLD', { signatures: [] }, 0);
  });

  it('refuses a signer twice, and signers out of order', () => {
    const [first, , third] = certificate.signatures;
    if (first === undefined || third === undefined) return expect.unreachable();
    refused('OUT_OF_ORDER', { signatures: [first, first, third] });
    refused('OUT_OF_ORDER', { signatures: [...certificate.signatures].reverse() });
  });

  it('refuses a stranger’s signature', () => {
    const stranger = signDigest(awardDigest(award, home), `0x${'09'.repeat(32)}`);
    refused('NOT_AUCTIONEER', { signatures: [...certificate.signatures.slice(0, 2), stranger] });
  });

  it('refuses another intent, a quote missing, and quotes in another order', () => {
    refused('MISMATCH', { intent: { ...intent, repay: intent.repay + 1n } });
    refused('MISMATCH', { quotes: quotes.slice(0, 2) });
    refused('MISMATCH', { quotes: [...quotes].reverse() });
    refused('MISMATCH', { award: awardOf(name, 1, []), quotes: [] });
  });

  it('refuses two quotes of one account', () => {
    const [first] = quotes;
    if (first === undefined) return expect.unreachable();
    refused('DUPLICATE', { quotes: [first, first, first] });
  });
});

describe('the landing of a certificate', () => {
  it('packs its signatures into k × 65 bytes', () => {
    const landing = landingOf(certificate);
    expect(landing.signatures).toBe(`0x${certificate.signatures.map((one) => one.slice(2)).join('')}`);
    expect(landing.attempt).toBe(1);
    expect(landing.quotes).toBe(certificate.quotes);
  });
});
