import { createTransport, isHex, numberToHex, type Transport } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';
import { isRefusal, normalForm, type Question, revertForm } from './answers.ts';
import type { Endpoint } from './endpoints.ts';
import { ChainError } from './errors.ts';

/** Where a method's questions name the block they are about. */
const BLOCK_PARAMETER: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};

/** What an endpoint says of what it does not know. */
const ABSENT = 'null';

/** Blocks under an agreed head after which not to know something is no mere slowness. */
const SLOWNESS = 2n;

type Outcome = { readonly value: unknown } | { readonly error: unknown };
type Answer = { readonly endpoint: Endpoint; readonly form: string; readonly outcome: Outcome };
type Shown = {
  readonly endpoint: Endpoint;
  readonly number: bigint;
  readonly hash: string;
  readonly block: unknown;
};

/**
 * Makes a transport whose answers are what at least `needed` endpoints say: for every fact that money depends
 * on. "The latest block" is the highest that so many endpoints have reached, and state is read there from all
 * of them, so that honest endpoints a block apart do not contradict each other. Rejects with NO_QUORUM or
 * DISAGREEMENT, or, where enough endpoints refuse, with a refusal. Who differs from enough others is
 * quarantined, logged and counted. Only reads.
 */
export function quorum(options: {
  readonly chain: string;
  readonly endpoints: readonly Endpoint[];
  readonly needed: number;
  readonly telemetry?: Telemetry | undefined;
}): Transport {
  const { chain, endpoints, needed } = options;
  const { log, metrics } = options.telemetry ?? {};
  let asking: Promise<Shown> | undefined;
  let highest = 0n;

  const missed = (
    code: 'NO_QUORUM' | 'DISAGREEMENT',
    method: string,
    meta: Record<string, unknown>,
    cause?: unknown,
  ) => {
    metrics?.count('rpc_quorum_missed', { chain, reason: code });
    const words =
      code === 'NO_QUORUM'
        ? 'Too few RPC endpoints answer to be sure'
        : 'RPC endpoints say different things, and too few say the same';
    if (code === 'DISAGREEMENT') log?.error({ chain, question: method, ...meta }, 'rpc endpoints disagree');
    return new ChainError(code, words, {
      meta: { chain, question: method, needed, ...meta },
      retry: true,
      cause,
    });
  };

  const poll = async (question: Question): Promise<unknown> => {
    const { method } = question;
    const answers: Answer[] = [];
    const failures: unknown[] = [];
    const winner = await new Promise<Answer | undefined>((resolve) => {
      const conclude = () => {
        const left = endpoints.length - answers.length - failures.length;
        const best = mostSaid(answers);
        if (best !== undefined && best.count >= needed) resolve(best.answer);
        else if ((best?.count ?? 0) + left < needed) resolve(undefined);
        // The rest may come later; an endpoint that differs is noticed then.
        if (left === 0 && best !== undefined && best.count >= needed)
          judge(method, best.answer, answers, highest);
      };
      for (const endpoint of endpoints) {
        ask(endpoint, question)
          .then(
            (answer) => answers.push(answer),
            (error: unknown) => failures.push(error),
          )
          .then(conclude);
      }
    });
    if (winner === undefined) {
      const forms = new Map(answers.map(({ endpoint, form }) => [endpoint.label, shorten(form)]));
      if (new Set(answers.map(({ form }) => form)).size > 1)
        throw missed('DISAGREEMENT', method, { answers: Object.fromEntries(forms) });
      const refusals = failures.filter(isRefusal);
      if (refusals.length > endpoints.length - needed) throw refusals[0];
      throw missed('NO_QUORUM', method, { answered: answers.length }, failures[0]);
    }
    if ('error' in winner.outcome) throw winner.outcome.error;
    return winner.outcome.value;
  };

  const heads = async (): Promise<Shown> => {
    const shown: Shown[] = [];
    let failed = 0;
    let failure: unknown;
    const enough = await new Promise<readonly Shown[]>((resolve) => {
      const conclude = () => {
        const left = endpoints.length - shown.length - failed;
        // Endpoints out of step are waited for only if there are too few others.
        const steady = shown.filter(({ endpoint }) => isSteady(endpoint));
        if (steady.length >= needed) resolve(steady);
        else if (left === 0 || shown.length + left < needed) resolve(shown);
        if (left === 0) compareHeads(shown, needed);
      };
      for (const endpoint of endpoints) {
        showHead(endpoint)
          .then(
            (head) => shown.push(head),
            (error: unknown) => {
              failed += 1;
              failure ??= error;
            },
          )
          .then(conclude);
      }
    });
    const agreed = reached(enough, needed);
    if (agreed === undefined)
      throw missed('NO_QUORUM', 'eth_getBlockByNumber', { answered: enough.length }, failure);
    if (agreed.number > highest) highest = agreed.number;
    const there = enough.filter(({ number, hash }) => number === agreed.number && hash === agreed.hash);
    if (there.length >= needed) return agreed;
    const block = await poll({ method: 'eth_getBlockByNumber', params: [numberToHex(agreed.number), false] });
    if (block === null)
      throw missed('NO_QUORUM', 'eth_getBlockByNumber', { answered: enough.length }, failure);
    return { ...agreed, block };
  };
  /** Questions asked together are answered of one block. */
  const head = () => {
    asking ??= heads().finally(() => {
      asking = undefined;
    });
    return asking;
  };

  return () =>
    createTransport({
      key: 'quorum',
      name: 'Quorum',
      type: 'quorum',
      retryCount: 0,
      request: (async ({ method, params }: { method: string; params?: readonly unknown[] }) => {
        if (method === 'eth_blockNumber') return numberToHex((await head()).number);
        if (method === 'eth_getBlockByNumber' && params?.[0] === 'latest') return (await head()).block;
        return poll({
          method,
          params: await pinned(method, params, async () => numberToHex((await head()).number)),
        });
      }) as never,
    });
}

/** Replace "latest" by a block. */
async function pinned(method: string, params: readonly unknown[] | undefined, latest: () => Promise<string>) {
  const list = [...(params ?? [])];
  if (method === 'eth_getLogs') {
    const filter = list[0] as { toBlock?: unknown; blockHash?: unknown };
    if (filter.blockHash === undefined && (filter.toBlock === undefined || filter.toBlock === 'latest'))
      return [{ ...filter, toBlock: await latest() }];
    return list;
  }
  const at = BLOCK_PARAMETER[method];
  if (at === undefined || (list[at] !== undefined && list[at] !== 'latest')) return list;
  list[at] = await latest();
  return list;
}

async function ask(endpoint: Endpoint, { method, params }: Question): Promise<Answer> {
  try {
    const value: unknown = await endpoint.client.request({ method, params } as never);
    return { endpoint, form: normalForm(method, value), outcome: { value } };
  } catch (error) {
    const form = revertForm(error);
    if (form === undefined) throw error;
    return { endpoint, form, outcome: { error } };
  }
}

async function showHead(endpoint: Endpoint): Promise<Shown> {
  const request = { method: 'eth_getBlockByNumber', params: ['latest', false] } as never;
  const block = (await endpoint.client.request(request)) as { number: string; hash: string };
  return { endpoint, number: BigInt(block.number), hash: block.hash.toLowerCase(), block };
}

/** Finds the highest block that `needed` endpoints have reached. */
function reached(shown: readonly Shown[], needed: number): Shown | undefined {
  return [...shown].sort((a, b) => (a.number < b.number ? 1 : -1))[needed - 1];
}

function isSteady(endpoint: Endpoint): boolean {
  return !endpoint.quarantined().some((why) => why === 'lagging' || why === 'ahead' || why === 'dissenting');
}

function compareHeads(shown: readonly Shown[], needed: number): void {
  const agreed = reached(shown, needed);
  if (agreed === undefined) return;
  for (const { endpoint, number } of shown) endpoint.compare(number, agreed.number);
}

function mostSaid(
  answers: readonly Answer[],
): { readonly answer: Answer; readonly count: number } | undefined {
  const tally = new Map<string, { answer: Answer; count: number }>();
  for (const answer of answers) {
    const entry = tally.get(answer.form) ?? { answer, count: 0 };
    entry.count += 1;
    tally.set(answer.form, entry);
  }
  return [...tally.values()].sort((a, b) => b.count - a.count)[0];
}

function judge(method: string, winner: Answer, answers: readonly Answer[], highest: bigint): void {
  for (const answer of answers) {
    if (answer.form === winner.form) answer.endpoint.health.agreed(performance.now());
    else if (!isMereSlowness(answer, winner, highest))
      answer.endpoint.dissented(method, { said: shorten(answer.form), others: shorten(winner.form) });
  }
}

/**
 * One of two endpoints may not know yet what the other knows already, unless it lies well under the agreed
 * head.
 */
function isMereSlowness(a: Answer, b: Answer, highest: bigint): boolean {
  if (a.form !== ABSENT && b.form !== ABSENT) return false;
  const { outcome } = a.form === ABSENT ? b : a;
  const known = 'value' in outcome ? (outcome.value as { blockNumber?: unknown } | null) : null;
  return !isHex(known?.blockNumber) || BigInt(known.blockNumber) + SLOWNESS > highest;
}

function shorten(form: string): string {
  return form.length <= 120 ? form : `${form.slice(0, 117)}…`;
}
