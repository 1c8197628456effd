import { isGavelError } from '@gavel/protocol';
import { type Protocol, type ProtocolFactory, SdkError } from '@gavel/solver-sdk';
import type { Fault } from '../config/errors.ts';
import { moduleFaults } from '../config/module-faults.ts';
import { type BuiltInProtocol, type Config, isBuiltIn, type MarketConfig } from '../config/schema.ts';
import { loadModule } from '../runtime/load-module.ts';
import { aaveV3 } from './aave-v3.ts';
import { aaveMarginCall, morphoMarginCall } from './margin-call.ts';
import { morphoBlue } from './morpho-blue.ts';
import { venusIsolated } from './venus.ts';

/** The protocols that need no module. */
const BUILT_IN: Readonly<Record<BuiltInProtocol, ProtocolFactory>> = {
  'aave-v3': aaveV3,
  'morpho-blue': morphoBlue,
  'venus-isolated': venusIsolated,
  'aave-margin-call': aaveMarginCall,
  'morpho-margin-call': morphoMarginCall,
};

/** A protocol, and the path of the module it comes from; undefined for one of the node's own. */
export type LoadedProtocol = { readonly protocol: Protocol; readonly module: string | undefined };

/**
 * Makes the protocol of a market, by its name or of its module. Throws BAD_MODULE with file, line and cause
 * if there is none, or the SDK's BAD_OPTIONS, which names the market, if
 * the options do not parse.
 */
export async function loadProtocol({
  id,
  protocol: name,
  options,
}: Pick<MarketConfig, 'id' | 'protocol' | 'options'>): Promise<LoadedProtocol> {
  try {
    if (isBuiltIn(name)) return { protocol: BUILT_IN[name](options), module: undefined };
    const wanted = { definedBy: 'defineProtocol', is: isProtocol };
    return { protocol: await loadModule(name, options, wanted), module: name };
  } catch (cause) {
    if (!isGavelError(cause, 'BAD_OPTIONS')) throw cause;
    const meta = { market: id, faults: cause.meta.faults };
    throw new SdkError('BAD_OPTIONS', 'The options of a market do not parse', { meta, cause });
  }
}

/** Tells whether a role of the node asks protocols anything. */
export function needsProtocols({ roles = [] }: Partial<Config>): boolean {
  return roles.includes('watcher') || roles.includes('solver');
}

/** Loads the protocols of a configuration's markets and lists what is wrong with them. */
export async function protocolFaults(config: Partial<Config>): Promise<Fault[]> {
  const markets = needsProtocols(config) ? (config.markets ?? []) : [];
  const faults = markets.map((market, index) => {
    const settings = { module: `markets[${index}].protocol`, options: `markets[${index}].options` };
    return moduleFaults(settings, () => loadProtocol(market));
  });
  return (await Promise.all(faults)).flat();
}

function isProtocol(value: unknown): value is Protocol {
  if (typeof value !== 'object' || value === null) return false;
  const { events, ...calls } = value as Record<keyof Protocol, unknown>;
  return (
    Array.isArray(events) &&
    events.every(
      (event) => typeof event === 'object' && event?.type === 'event' && typeof event.name === 'string',
    ) &&
    (['positions', 'ownerOf', 'valueInDebt', 'propose'] as const).every(
      (name) => typeof calls[name] === 'function',
    )
  );
}
