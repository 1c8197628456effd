import { describe, expect, it } from 'vitest';
import { toHex } from './fields.ts';
import { expectCode } from './testing/expect-code.ts';
import { messageId, topicsOf } from './topics.ts';

describe('topics', () => {
  it('are named by version, network and kind', () => {
    expect(topicsOf('devnet')).toEqual({
      intents: '/gavel/1/devnet/intents',
      quotes: '/gavel/1/devnet/quotes',
      awards: '/gavel/1/devnet/awards',
    });
  });

  it('are refused for a network that could reach another topic', () => {
    for (const network of ['', 'a/b', 'Main', 'x'.repeat(33)])
      expectCode('BAD_FIELD', () => topicsOf(network));
  });
});

describe('a message id', () => {
  it('is the SHA-256 of the content', () => {
    const abc = new TextEncoder().encode('abc');
    expect(toHex(messageId(abc))).toBe('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
