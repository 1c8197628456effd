import type { Bus } from '../bus.ts';
import type { EventStream } from './events.ts';

/** Tells clients of the event stream of auctions, in the words of the log. */
export function tellAuctions(bus: Bus, { tell }: Pick<EventStream, 'tell'>): void {
  bus.on('intent', ({ market, observed: { digest, intent } }) => {
    const { repay, seizable, quoteBy, openBy } = intent;
    tell('intent received', { intent: digest, market: market.name, repay, seizable, quoteBy, openBy });
  });
  bus.on('certificate', ({ market, observed }, { award, quotes }) => {
    const { solver, ask, payDomain } = quotes[0]?.quote ?? {};
    const fields = { attempt: award.attempt, ranked: quotes.length, solver, ask, payDomain };
    tell('certificate', { intent: observed.digest, market: market.name, ...fields });
  });
}
