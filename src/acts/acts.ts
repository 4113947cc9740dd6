import { setTimeout as delay } from 'node:timers/promises';
import type { PauseResult, PlumblineClient } from '../client.js';
import type { SilenceFinding } from '../domain/gate/silence-finding.js';
import type { ActRequest, ActWay, Way } from '../domain/lifecycle/way.js';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import type { DiscrepancyRow, Ledger, RecordedAct } from '../ledger/contract/ledger.js';
import { answerCall, type AnsweredCall } from './answer-call.js';
import { beyondAcceptance } from './beyond-acceptance.js';
import { presentOf, unaccepted, type Present } from './present.js';

/** The part of a ledger that acts read and write. */
export type ActLedger = Pick<
  Ledger,
  | 'account'
  | 'discrepancies'
  | 'interventions'
  | 'openInterventionOf'
  | 'acceptDiscrepancies'
  | 'snoozeIntervention'
  | 'acknowledgeIntervention'
  | 'actOf'
>;

export interface ActParts {
  client: () => Promise<PlumblineClient>;
  ledger: () => Promise<ActLedger>;
  /** What a watcher found about the account. */
  findingOf?: (account: string) => SilenceFinding | null;
}

/** Who acts, and over which way. */
export interface Actor extends ActRequest {
  by: string;
  via: Way;
}

/** An act that was carried out, with what is true now. */
export interface Done {
  account: string;
  present: Present;
}

export interface DoneCall extends Done {
  answered: AnsweredCall;
}

export interface DoneAccept extends Done {
  accepted: DiscrepancyRow[];
  /** The intervention that was acknowledged with it; null if none was. */
  acknowledged: AnsweredCall | null;
  /** Why an open intervention stays open; null if none does. */
  keptOpen: string | null;
}

/** The act was carried out before, under the same request id. */
export interface Repeated extends Done {
  earlier: RecordedAct;
}

/** How long an acceptance waits for the intervention of a verdict that was just recorded. */
const CALL_MS = 3_000;
const POLL_MS = 100;

/** What people do about an account, over any way. Each act returns what is true after it. */
export class Acts {
  constructor(private readonly parts: ActParts) {}

  /** What is true of the account now. Never throws. */
  async present(account: string): Promise<Present> {
    return presentOf(this.parts.ledger, account, this.parts.findingOf?.(account) ?? null);
  }

  /**
   * "I have it": the reminders stop. The trading gate stays closed while a discrepancy that closes it is open.
   *
   * @throws PlumblineError, or FailureError of the ledger
   */
  async acknowledge(account: string, request: Actor & { note: string }): Promise<DoneCall> {
    return this.done(account, { answered: await this.answerAcknowledge(account, request) });
  }

  /** Stops the reminders until a time. @throws as `acknowledge` */
  async snooze(account: string, request: Actor & { until: Date; note: string }): Promise<DoneCall> {
    const answered = await answerCall(this.parts, account, {
      workflow: async (client) => client.snooze(account, request),
      ledger: async (ledger, { interventionId }) => ledger.snoozeIntervention({ ...request, interventionId }),
    });
    return this.done(account, { answered });
  }

  /**
   * "Known, trade on": accepts open discrepancies with these values until a time. If nothing else closes the gate and the
   * open intervention is about nothing else, the same person acknowledges it with the same note.
   *
   * @param request.discrepancyIds null: all that are open now
   * @throws FailureError of the ledger
   */
  async accept(
    account: string,
    request: Actor & { discrepancyIds: string[] | null; until: Date; note: string },
  ): Promise<DoneAccept> {
    const ledger = await this.parts.ledger();
    const accepted = await ledger.acceptDiscrepancies({ ...request, account });
    const call = await this.acknowledgeAccepted(ledger, account, request);
    return this.done(account, { accepted, ...call });
  }

  /** @throws PlumblineError */
  async pause(account: string, { by, reason, ...way }: Actor & { reason: string }): Promise<Done & PauseResult> {
    const client = await this.parts.client();
    return this.done(account, await client.pause(account, { by, reason, ...wayOf(way) }));
  }

  /** @throws PlumblineError */
  async resume(account: string, { by, ...way }: Actor): Promise<Done & PauseResult> {
    const client = await this.parts.client();
    return this.done(account, await client.resume(account, by, wayOf(way)));
  }

  /** Requests a run and does not wait for it. @throws PlumblineError */
  async forceRun(account: string, { by, ...way }: Actor): Promise<Done> {
    const client = await this.parts.client();
    await client.forceRun(account, by, wayOf(way));
    return this.done(account, {});
  }

  /** Requests a run and waits for its verdict. @throws PlumblineError */
  async run(account: string, { by, ...way }: Actor): Promise<Done & { run: RecordedRun }> {
    const client = await this.parts.client();
    return this.done(account, { run: await client.runNow(account, by, wayOf(way)) });
  }

  /**
   * The earlier act with this request id; null if there is none.
   *
   * @param interventionId the one that the request may have acknowledged; default: the newest
   * @throws FailureError of the ledger
   */
  async earlier(account: string, requestId: string, interventionId?: string): Promise<Repeated | null> {
    const ledger = await this.parts.ledger();
    const [newest] = interventionId === undefined ? await ledger.interventions({ account, limit: 1 }) : [];
    const earlier = await ledger.actOf(account, requestId, interventionId ?? newest?.id ?? null);
    return earlier === null ? null : this.done(account, { earlier });
  }

  private async answerAcknowledge(account: string, request: Actor & { note: string }): Promise<AnsweredCall> {
    return answerCall(this.parts, account, {
      workflow: async (client) => client.acknowledge(account, request),
      ledger: async (ledger, { interventionId }) => ledger.acknowledgeIntervention({ ...request, interventionId }),
    });
  }

  private async acknowledgeAccepted(
    ledger: ActLedger,
    account: string,
    { by, note, via, channel, requestId }: Actor & { note: string },
  ): Promise<Pick<DoneAccept, 'acknowledged' | 'keptOpen'>> {
    try {
      const totals = await this.afterCall(ledger, account);
      const open = await ledger.openInterventionOf(account);
      if (open === null || totals === null) return { acknowledged: null, keptOpen: null };
      const rows = await ledger.discrepancies(account, { state: 'open', limit: 1000 });
      const left = unaccepted(rows, totals.readAt);
      const keptOpen = beyondAcceptance(open.reasons, left, totals.blockingDiscrepancies);
      if (keptOpen !== null) return { acknowledged: null, keptOpen };
      const request = {
        by,
        note,
        via,
        ...(channel !== undefined && { channel }),
        ...(requestId !== undefined && { requestId }),
      };
      return { acknowledged: await this.answerAcknowledge(account, request), keptOpen: null };
    } catch (error) {
      // The acceptance is recorded, so the act succeeds and its answer says what became of the intervention.
      return { acknowledged: null, keptOpen: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The account's totals once no intervention is due, or after a timeout. */
  private async afterCall(ledger: ActLedger, account: string) {
    for (const deadline = Date.now() + CALL_MS; ;) {
      const totals = await ledger.account(account);
      if (totals === null || totals.callDueSince === null || Date.now() > deadline) return totals;
      await delay(POLL_MS);
    }
  }

  private async done<T extends object>(account: string, result: T): Promise<Done & T> {
    return { account, ...result, present: await this.present(account) };
  }
}

function wayOf({ via, channel }: ActWay): ActWay {
  return { ...(via !== undefined && { via }), ...(channel !== undefined && { channel }) };
}
