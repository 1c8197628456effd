/** An error for a log line. */
export type ErrorDescription = {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
};

const DEPTH = 5;

/**
 * Describes an error and its causes, without what libraries add to their messages: the short message is taken
 * where there is one, since long ones quote request URLs, which may carry an API key. Anything that looks
 * like a URL is cut to its origin.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: hideUrls(String(error)) };
  const { code, shortMessage, meta } = error as { code?: unknown; shortMessage?: unknown; meta?: unknown };
  const description: { -readonly [K in keyof ErrorDescription]: ErrorDescription[K] } = {
    type: error.name,
    message: hideUrls(typeof shortMessage === 'string' ? shortMessage : error.message),
  };
  if (typeof code === 'string' || typeof code === 'number') description.code = String(code);
  if (typeof meta === 'object' && meta !== null) {
    description.meta = Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, shown(value)]));
  }
  if (depth === 0) description.stack = framesOf(error);
  if (error.cause !== undefined && depth < DEPTH) description.cause = describeError(error.cause, depth + 1);
  return description;
}

/** Cuts every URL in `text` to its scheme and host: paths, queries and user names may be secrets. */
export function hideUrls(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@"'`]*@)?(\[[0-9a-f:.]+\](?::\d+)?|[^\s/?#"'`,;)\]]+)([^\s"'`,;)\]]*)/gi,
    (_, scheme: string, host: string, rest: string) => `${scheme}${host}${rest.length > 1 ? '/…' : ''}`,
  );
}

function shown(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return hideUrls(value);
  if (value instanceof Error) return describeError(value, 1);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
  }
  return value;
}

function framesOf(error: Error): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return lines.join('\n');
}
