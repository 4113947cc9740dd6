import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Acts, Actor } from '../../acts/acts.js';

const MAX_NOTE = 500;
const MAX_HOURS = 168;

const text = z.string().trim().min(1).max(MAX_NOTE);
const hours = z.coerce.number().int().min(1).max(MAX_HOURS);
/** A key with which the form acts once, however often it is sent. */
const key = z.string().regex(/^[\w-]{10,80}$/);
const list = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.uuid()).max(1_000).optional(),
);

/** The form of each act. */
const FORMS = z.discriminatedUnion('act', [
  z.object({ act: z.literal('run'), key }),
  z.object({ act: z.literal('resume'), key }),
  z.object({ act: z.literal('pause'), key, reason: text }),
  z.object({ act: z.literal('acknowledge'), key, note: text }),
  z.object({ act: z.literal('snooze'), key, note: text, hours }),
  z.object({ act: z.literal('accept'), key, note: text, hours, discrepancy: list }),
]);
export type ActForm = z.infer<typeof FORMS>;

/** Null if a field is missing or wrong, which a browser prevents. */
export function parseForm(body: unknown): ActForm | null {
  const parsed = FORMS.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** What was done, as a word that a page turns into a sentence. */
export type DoneWord = keyof typeof DONE_WORDS;

export const DONE_WORDS = {
  run: 'A run was requested. Its verdict shows here when it ends.',
  resumed: 'Resumed: it is checked again.',
  paused: 'Paused: no scheduled runs until somebody resumes.',
  unchanged: 'Nothing changed: this was already so.',
  waiting: 'No worker answered. Temporal keeps the request until one does.',
  acknowledged: 'Acknowledged: the reminders have stopped.',
  snoozed: 'Snoozed: no reminders until then. The call stays open.',
  accepted: 'Accepted: these values do not close the trading gate until then.',
  'accepted-kept': 'Accepted. The call stays open, because it is about something else, too.',
} as const;

export function isDoneWord(word: unknown): word is DoneWord {
  return typeof word === 'string' && Object.hasOwn(DONE_WORDS, word);
}

/**
 * Carries out a form.
 *
 * @throws PlumblineError or FailureError, as `Acts` does
 */
export async function carryOut(acts: Acts, account: string, by: string, form: ActForm, now: Date): Promise<DoneWord> {
  const actor: Actor = { by, via: 'http' };
  const once: Actor = { ...actor, requestId: requestIdOf(by, form.key) };
  switch (form.act) {
    case 'run':
      await acts.forceRun(account, actor);
      return 'run';
    case 'resume':
      return changedWord((await acts.resume(account, actor)).changed, 'resumed');
    case 'pause':
      return changedWord((await acts.pause(account, { ...actor, reason: form.reason })).changed, 'paused');
    case 'acknowledge':
      if (await wasDone(acts, account, once)) return 'acknowledged';
      await acts.acknowledge(account, { ...once, note: form.note });
      return 'acknowledged';
    case 'snooze':
      if (await wasDone(acts, account, once)) return 'snoozed';
      await acts.snooze(account, { ...once, note: form.note, until: after(now, form.hours) });
      return 'snoozed';
    case 'accept': {
      if (await wasDone(acts, account, once)) return 'accepted';
      const { discrepancy: discrepancyIds = null, note, hours: forHours } = form;
      const done = await acts.accept(account, { ...once, note, until: after(now, forHours), discrepancyIds });
      return done.keptOpen === null ? 'accepted' : 'accepted-kept';
    }
  }
}

async function wasDone(acts: Acts, account: string, { requestId }: Actor): Promise<boolean> {
  return requestId !== undefined && (await acts.earlier(account, requestId)) !== null;
}

function changedWord(changed: boolean | null, word: DoneWord): DoneWord {
  if (changed === null) return 'waiting';
  return changed ? word : 'unchanged';
}

function after(now: Date, forHours: number): Date {
  return new Date(now.getTime() + forHours * 3_600_000);
}

/** The same key of two people names two acts. */
function requestIdOf(by: string, formKey: string): string {
  return `page/${createHash('sha256')
    .update(JSON.stringify([by, formKey]))
    .digest('hex')}`;
}
