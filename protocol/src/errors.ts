/** What an error knows beyond its message. */
export type GavelErrorOptions = {
  /** What was got, what was expected: plain values, never secrets. */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** True if the same call may succeed later without any change by the caller. Default false. */
  readonly retry?: boolean;
};

/**
 * Base of every error thrown in Gavel; assert by `code`, never by text.
 * `shortMessage` is constant per failure; `message` adds the code and `meta` for people.
 */
export class GavelError<Code extends string = string> extends Error {
  override readonly name: string = 'GavelError';
  readonly code: Code;
  readonly shortMessage: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly retry: boolean;

  constructor(code: Code, shortMessage: string, options: GavelErrorOptions = {}) {
    const meta = options.meta ?? {};
    super(describe(code, shortMessage, meta), options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.shortMessage = shortMessage;
    this.meta = meta;
    this.retry = options.retry ?? false;
  }
}

/** Every way in which a protocol value or message can be refused. */
export type ProtocolErrorCode =
  /** More than 4 KiB of bytes. */
  | 'OVERSIZED'
  /** A repeated field longer than its limit. */
  | 'TOO_MANY'
  /** Not protobuf of the expected message. */
  | 'UNDECODABLE'
  /** A field of the wrong width, range or form. */
  | 'BAD_FIELD'
  /** A second encoding of a message that has one: unknown fields, defaults sent, another order. */
  | 'NOT_CANONICAL'
  /** Not 65 bytes, a high s, a v other than 27 or 28, or no signer can be recovered. */
  | 'BAD_SIGNATURE'
  /** Not a secp256k1 private key. */
  | 'BAD_KEY'
  /** An intent that its market's rules cannot have produced. */
  | 'BAD_INTENT'
  /** Two parts that must agree do not. */
  | 'MISMATCH'
  /** An entry listed twice, or an account with two quotes. */
  | 'DUPLICATE'
  /** Signed by a key outside the market's auctioneers. */
  | 'NOT_AUCTIONEER'
  /** Signatures not ascending by signer's address. */
  | 'OUT_OF_ORDER'
  /** Another number of signatures than the market's threshold. */
  | 'NOT_THRESHOLD';

/** A value or message that the protocol does not allow. Never worth a retry: the bytes will not change. */
export class ProtocolError extends GavelError<ProtocolErrorCode> {
  override readonly name: string = 'ProtocolError';
}

/** Tells whether `error` is a Gavel error, and, if `code` is given, one of that code. */
export function isGavelError(error: unknown, code?: string): error is GavelError {
  return error instanceof GavelError && (code === undefined || error.code === code);
}

function describe(code: string, shortMessage: string, meta: Readonly<Record<string, unknown>>): string {
  const facts = Object.entries(meta).map(([key, value]) => `${key}: ${String(value)}`);
  return `${shortMessage} [${[code, ...facts].join('; ')}]`;
}
