import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { LIMITS } from '../domain/limits/limits.js';
import type { GateLedger } from '../ledger/contract/gate.js';
import type { Logger } from '../logging/logger.js';
import type { WatchView } from '../watch/finding.js';
import { GateCache } from './gate-cache.js';
import { gateRoute } from './gate-route.js';
import { GateWaits } from './gate-waits.js';
import { GateWebhookSender, type GateWebhook } from './gate-webhooks.js';

export interface GateParts {
  ledger: GateLedger;
  watch: WatchView;
  log: Logger;
  /** Time limit for the first answer of the ledger. */
  deadlineMs: number;
  webhooks: readonly GateWebhook[];
  /** Receives the gate's own metrics. */
  registry: Registry;
}

/** The trading gates: memory, waiting requests, webhooks, metrics. They end with the server. @returns the gates */
export function serveGate(app: FastifyInstance, parts: GateParts): GateCache {
  const { ledger, watch, log, deadlineMs, registry } = parts;
  const cache = new GateCache({ ledger, watch, log });
  const waits = new GateWaits(cache, LIMITS.gateWaits.value);
  const senders = parts.webhooks.map((webhook) => new GateWebhookSender(webhook, cache, log));
  app.addHook('onClose', async () => {
    for (const sender of senders) sender.close();
    await cache.close();
  });
  gateRoute(app, { cache, waits, deadlineMs });
  addMetrics(registry, cache, waits, senders);
  return cache;
}

function addMetrics(
  registry: Registry,
  cache: GateCache,
  waits: GateWaits,
  senders: readonly GateWebhookSender[],
): void {
  const registers = [registry];
  const age: Gauge = new Gauge({
    name: 'gate_age_seconds',
    help: 'Age of the trading gates in memory; every gate is closed above 10. Infinite before the first read.',
    registers,
    collect: (): void => age.set((cache.ageMs() ?? Number.POSITIVE_INFINITY) / 1_000),
  });
  const waiting: Gauge = new Gauge({
    name: 'gate_waiting_requests',
    help: 'Requests that wait for a change of a trading gate.',
    registers,
    collect: (): void => waiting.set(waits.count),
  });
  if (senders.length === 0) return;
  const labelNames = ['webhook'] as const;
  const pending = new Gauge({
    name: 'gate_webhook_pending',
    help: 'Trading gates whose newest state is not delivered yet.',
    labelNames,
    registers,
    collect: () => {
      for (const { counts } of senders) pending.set({ webhook: String(counts.number) }, counts.pending);
    },
  });
  const sent = new Counter({
    name: 'gate_webhook_sent_total',
    help: 'Messages that the webhook accepted.',
    labelNames,
    registers,
    collect: () => {
      sent.reset();
      for (const { counts } of senders) sent.inc({ webhook: String(counts.number) }, counts.sentTotal);
    },
  });
  const failures = new Counter({
    name: 'gate_webhook_failure_total',
    help: 'Messages that the webhook did not accept; they are sent again.',
    labelNames,
    registers,
    collect: () => {
      failures.reset();
      for (const { counts } of senders) failures.inc({ webhook: String(counts.number) }, counts.failureTotal);
    },
  });
}
