import type { Chain } from './chain.ts';
import type { GavelSet } from './deployment.ts';
import type { HyperlaneCore } from './hyperlane-core.ts';
import type { Token } from './tokens.ts';

/** One chain with everything on it. */
export interface Site {
  readonly chain: Chain;
  readonly core: HyperlaneCore;
  readonly gavel: GavelSet;
  readonly dollar: Token;
}
