import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createArtifacts } from './artifacts.ts';
import { connect } from './chain.ts';
import { type Estimate, estimate } from './estimate.ts';
import { Faults } from './faults.ts';
import { inspect, type Planned } from './inspect.ts';
import { type Layout, layOut } from './layout.ts';
import { place } from './placement.ts';
import { relationFaults } from './relations.ts';
import { survey } from './survey.ts';
import type { Config } from './types.ts';

/** One chain's plan. */
export interface ChainPlan {
  readonly layout: Layout;
  readonly steps: readonly Planned[];
  /** What the deployer's part of it costs. */
  readonly estimate?: Estimate;
}

/**
 * Finds out what every chain lacks. Sends nothing.
 *
 * `artifacts` is forge's output folder or a bundle. Throws BAD_CONFIG with everything that is wrong with the
 * file and on the chains, WRONG_CHAIN if a chain does not answer.
 */
export async function plan(config: Config, artifacts: string = DEFAULT_ARTIFACTS): Promise<ChainPlan[]> {
  const faults = new Faults();
  relationFaults(config, faults.note);
  const source = createArtifacts(artifacts);
  const connected = await Promise.all(config.chains.map((chain) => connect(chain, faults)));
  const chains = connected.filter((chain) => chain !== undefined);
  const placed = await Promise.all(chains.map((chain) => place(chain, config, source, faults)));
  const without = (one: unknown) => placed.filter((other) => other !== one);
  await Promise.all(placed.map((one) => survey(one, without(one), config, faults)));
  const layouts = await Promise.all(placed.map((one) => layOut(one, without(one), config, source, faults)));
  faults.throwIfAny();
  return Promise.all(
    layouts.map(async (layout) => {
      const steps: Planned[] = [];
      for (const step of layout.steps) steps.push(await inspect(layout, step, config));
      return { layout, steps, estimate: await estimate(layout, steps, config) };
    }),
  );
}

/** The published package has a bundle beside its code; the repository has forge's output. */
const BUNDLE = join(import.meta.dirname, '../artifacts.json');
export const DEFAULT_ARTIFACTS: string = existsSync(BUNDLE) ? BUNDLE : join(import.meta.dirname, '../../out');
