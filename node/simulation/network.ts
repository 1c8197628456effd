import type { Random } from '@gavel/solver-sdk/testing';
import { gossipId } from '../src/gossip/admission.ts';
import type { TopicName, Validation, Validator } from '../src/gossip/validation.ts';
import type { Timeline } from './timeline.ts';

/** How links behave. Delays in milliseconds, chances from 0 to 1. */
export type Weather = {
  readonly leastDelay: number;
  readonly mostDelay: number;
  readonly drop: number;
  readonly duplicate: number;
};

/** A message on its way. */
export type Message = { readonly id: string; readonly topic: TopicName; readonly bytes: Uint8Array };

/** What a node is to the network. */
export type Endpoint = {
  readonly validators: Readonly<Record<TopicName, Validator>>;
  /** Told of what a validator threw: it never should. */
  readonly onFailure: (error: unknown) => void;
};

/**
 * A gossip network in one process: it floods what validators accept, and heals losses as gossipsub's
 * heartbeat does.
 */
export type Network = {
  readonly size: number;
  weather: Weather;
  /** Nodes of different groups do not hear each other. */
  readonly groups: number[];
  /** Every message that was ever sent, in order, as far as it is remembered. */
  readonly sent: Message[];
  attach(node: number, endpoint: Endpoint): void;
  /** Takes a node off: it hears and forwards nothing, and forgets what it heard. */
  detach(node: number): void;
  /** Judges by the node's own validator, deliver, and sends to its peers. Returns the judgement. */
  publish(node: number, topic: TopicName, bytes: Uint8Array): Promise<Validation>;
  /** Sends to one node, regardless of its peers, without judging. */
  send(from: number, to: number, topic: TopicName, bytes: Uint8Array): void;
};

const HEARTBEAT = 1_000;
/** Heartbeats through which a message is offered, and peers it is offered to in each. */
const OFFERS = 3;
const OFFERED_TO = 6;
const MOST_REMEMBERED = 2_000;

/** Creates a network of `size` nodes, each with about `degree` peers. */
export function createNetwork(options: {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly size: number;
  readonly degree: number;
  readonly weather: Weather;
}): Network {
  const { timeline, random, size } = options;
  const peers = drawPeers(random, size, options.degree);
  const endpoints: (Endpoint | undefined)[] = Array.from({ length: size }, () => undefined);
  const seen = Array.from({ length: size }, () => new Set<string>());
  const recent = Array.from({ length: size }, () => [] as { message: Message; until: number }[]);
  const luck = createLuck(random);

  const network: Network = {
    size,
    weather: options.weather,
    groups: Array.from({ length: size }, () => 0),
    sent: [],
    attach(node, endpoint) {
      endpoints[node] = endpoint;
    },
    detach(node) {
      endpoints[node] = undefined;
      seen[node]?.clear();
      recent[node]?.splice(0);
    },
    async publish(node, topic, bytes) {
      const message = toMessage(topic, bytes);
      const judgement = await judge(node, message, node);
      if (judgement.outcome === 'accept') spread(node, message);
      return judgement;
    },
    send: (from, to, topic, bytes) => transmit(from, to, toMessage(topic, bytes), 1),
  };

  const transmit = (from: number, to: number, message: Message, trips: number): void => {
    const { leastDelay, mostDelay, drop, duplicate } = network.weather;
    if (luck() < drop) return;
    const copies = luck() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = trips * (leastDelay + luck() * (mostDelay - leastDelay));
      timeline.at(timeline.now() + delay, () => receive(from, to, message));
    }
  };

  const receive = (from: number, to: number, message: Message): unknown => {
    if (network.groups[from] !== network.groups[to]) return false;
    if (endpoints[to] === undefined || seen[to]?.has(message.id)) return false;
    return judge(to, message, from).then((judgement) => {
      if (judgement.outcome === 'accept') spread(to, message, from);
    });
  };

  const judge = async (node: number, message: Message, from: number): Promise<Validation> => {
    const endpoint = endpoints[node];
    if (endpoint === undefined) return { outcome: 'ignore', code: 'GONE' };
    seen[node]?.add(message.id);
    try {
      const judgement = await endpoint.validators[message.topic](message.bytes, String(from));
      // It may have gone, or started again, while it judged.
      if (endpoints[node] !== endpoint) return { outcome: 'ignore', code: 'GONE' };
      if (judgement.outcome === 'accept') judgement.deliver();
      else if (judgement.passing === true) seen[node]?.delete(message.id);
      return judgement;
    } catch (error) {
      endpoint.onFailure(error);
      return { outcome: 'ignore', code: 'VALIDATOR_FAILED' };
    }
  };

  const spread = (node: number, message: Message, from?: number): void => {
    seen[node]?.add(message.id);
    recent[node]?.push({ message, until: timeline.now() + OFFERS * HEARTBEAT });
    for (const peer of peers[node] ?? []) if (peer !== from) transmit(node, peer, message, 1);
  };

  /** Offer what was accepted lately to a few peers; those who lack it ask, and get it two trips later. */
  const beat = (node: number): unknown => {
    timeline.at(timeline.now() + HEARTBEAT, () => beat(node));
    const offers = (recent[node] ?? []).filter(({ until }) => until >= timeline.now());
    recent[node] = offers;
    if (endpoints[node] === undefined) return false;
    const listeners = peers[node] ?? [];
    for (let count = 0; count < OFFERED_TO; count++) {
      const peer = listeners[Math.floor(luck() * listeners.length)];
      if (peer === undefined || network.groups[node] !== network.groups[peer]) continue;
      for (const { message } of offers) if (!seen[peer]?.has(message.id)) transmit(node, peer, message, 3);
    }
    return false;
  };

  const toMessage = (topic: TopicName, bytes: Uint8Array): Message => {
    const message = { id: gossipId(topic, bytes).toString('base64'), topic, bytes };
    if (network.sent.length < MOST_REMEMBERED) network.sent.push(message);
    return message;
  };

  for (let node = 0; node < size; node++) timeline.at(timeline.now() + luck() * HEARTBEAT, () => beat(node));
  return network;
}

/** Draws an undirected graph: a ring, so that it hangs together, and random chords. */
function drawPeers(random: Random, size: number, degree: number): number[][] {
  const peers = Array.from({ length: size }, () => new Set<number>());
  const connect = (a: number, b: number) => {
    if (a === b) return;
    peers[a]?.add(b);
    peers[b]?.add(a);
  };
  for (let node = 0; node < size; node++) connect(node, (node + 1) % size);
  for (let node = 0; node < size; node++) {
    while ((peers[node]?.size ?? degree) < Math.min(degree, size - 1)) connect(node, random.int(0, size - 1));
  }
  return peers.map((own) => [...own]);
}

/**
 * Chances drawn ahead, since a network asks for very many: from 0 to below 1, a few thousand and then again.
 */
function createLuck(random: Random): () => number {
  const drawn = Array.from({ length: 1_021 }, () => Number.parseInt(random.bytes(4).slice(2), 16) / 2 ** 32);
  let next = 0;
  let shift = 0;
  return () => {
    if (next === drawn.length) {
      next = 0;
      shift = (shift + 0.381_966) % 1;
    }
    return ((drawn[next++] ?? 0) + shift) % 1;
  };
}
