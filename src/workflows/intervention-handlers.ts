import { ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow';
import type { Intervention } from './intervention.js';
import * as messages from './messages.js';
import * as validate from './validate.js';

/** Sets the handlers of an intervention's workflow. Handlers throw nothing but ApplicationFailure, as in `handlers.ts`. */
export function setInterventionHandlers(intervention: Intervention): void {
  setHandler(messages.interventionStatusQuery, () => intervention.status(), {
    description: 'Why a human is called, and what became of it. No payload',
  });
  setSignals(intervention);
  setUpdates(intervention);
}

function setSignals(intervention: Intervention): void {
  setHandler(
    messages.addReasonSignal,
    (payload: unknown) => {
      const checked = validate.checkReason(payload);
      if (checked.ok) intervention.addReason(checked.value);
      else refused('a reason', payload, checked.problem);
      intervention.publish();
    },
    {
      description:
        "Sent by the account's workflow. " +
        'Payload: {"action": "UNSETTLED", "text": "BTC/USDT:USDT keeps changing", "at": "2026-11-22T15:00:00Z"}',
    },
  );
  setHandler(
    messages.changeRulesSignal,
    (payload: unknown) => {
      const checked = validate.checkInterventionRules(payload);
      if (!checked.ok) return refused('new rules', payload, checked.problem);
      intervention.rules = checked.value;
      intervention.moved.rules = true;
    },
    {
      description:
        "Sent by the account's workflow when its policy changes. " +
        'Payload: {"reminderMinutes": [30, 60], "snoozeMaxHours": 24, "escalation": [{"afterMinutes": 0, "channels": ["chat"]}]}',
    },
  );
  setHandler(
    messages.discrepanciesSignal,
    (payload: unknown) => {
      const checked = validate.checkStanding(payload);
      if (!checked.ok) return refused('news of the discrepancies', payload, checked.problem);
      if (intervention.standing === checked.value.standing) return;
      intervention.standing = checked.value.standing;
      intervention.moved.standing = true;
      intervention.publish();
    },
    { description: 'Sent by the account\'s workflow after a run. Payload: {"standing": false}' },
  );

  function refused(what: string, payload: unknown, problem: string): void {
    intervention.refused = `${what} from ${validate.senderOf(payload)} was refused: ${problem}`;
  }
}

function setUpdates(intervention: Intervention): void {
  const { account, id: interventionId } = intervention;
  setHandler(
    messages.acknowledgeUpdate,
    uncancelled(async (payload) => {
      const request = valueOf(validate.checkAcknowledge(payload));
      // A second acknowledgement may come while the first is being recorded. The ledger keeps the first.
      intervention.answer ??= { by: request.by, note: request.note };
      intervention.takeOverflow();
      try {
        await intervention.records.add({ kind: 'acknowledged', account, interventionId, ...request });
      } catch (error) {
        intervention.answer = null;
        throw error;
      }
      intervention.publish();
      return intervention.status();
    }),
    {
      validator: (...payloads: unknown[]) => {
        refuseUnanswerable(payloads);
        valueOf(validate.checkAcknowledge(payloads[0]));
      },
      description: 'Ends the reminders: "I have it". Payload: {"by": "ada", "note": "closed the position by hand"}',
    },
  );
  setHandler(
    messages.snoozeUpdate,
    uncancelled(async (payload) => {
      const request = valueOf(validate.checkSnooze(payload, null));
      intervention.snooze(request.until, request.by, request.note);
      await intervention.records.add({ kind: 'snoozed', account, interventionId, ...request });
      intervention.publish();
      return intervention.status();
    }),
    {
      validator: (...payloads: unknown[]) => {
        refuseUnanswerable(payloads);
        const { clock, rules } = intervention;
        valueOf(validate.checkSnooze(payloads[0], clock.nowMs(), rules?.snoozeMaxHours));
      },
      description: 'No reminders until then. Payload: {"by": "ada", "until": "2026-11-22T18:00:00Z", "note": "on it"}',
    },
  );

  function refuseUnanswerable(payloads: readonly unknown[]): void {
    const problem = validate.payloadsProblem(payloads);
    if (problem !== null) refuse(problem);
    const { answer } = intervention;
    if (answer !== null) refuse(`it was acknowledged by ${answer.by} already`);
  }

  function valueOf<T>(checked: validate.Checked<T>): T {
    return checked.ok ? checked.value : refuse(checked.problem);
  }

  function refuse(why: string): never {
    throw ApplicationFailure.nonRetryable(`The call for ${account} cannot be changed: ${why}`, 'Refused');
  }
}

/** Runs a handler in a non-cancellable scope, because the workflow's own scope may be cancelled. */
function uncancelled<Request, Answer>(handler: (request: Request) => Promise<Answer>) {
  return async (request: Request): Promise<Answer> => CancellationScope.nonCancellable(async () => handler(request));
}
