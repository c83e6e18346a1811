import type { FindTarget } from '../alerts/target.js';
import { readWebhookState } from '../alerts/webhook-state.js';
import type { Settings } from '../config/environment.js';
import { AppError } from '../errors/app-error.js';
import { AnsweredError } from '../http/answered-error.js';
import { OVERDUE_MINUTES } from '../models/freshness.js';
import type { Store } from '../store/store.js';
import { readSchedule } from '../sync/schedule-watch.js';
import type { Finding, Limits } from './health-check.js';
import { readSiteSettings } from './site-settings.js';

/** Whether every token that is set is accepted. */
export function accessCheck({ ignoredTokens }: Pick<Settings, 'ignoredTokens'>): Finding {
  const facts = { ignored: ignoredTokens };
  if (ignoredTokens.length === 0) return { sentence: 'Every token that is set counts.', facts };
  const names = ignoredTokens.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  return {
    sentence: `These tokens are set and not accepted: ${names}.`,
    remedy: 'Replace them in API_TOKEN and API_READ_TOKEN by long random texts.',
    facts,
  };
}

export async function scheduleCheck(store: Store, limits: Limits): Promise<Finding> {
  const { lastPass, overdue, dispatch = null } = await readSchedule(store, limits.clock);
  const facts = { lastPass, overdue, limitMinutes: OVERDUE_MINUTES, lastDispatch: dispatch };
  if (overdue) throw new AnsweredError(new AppError('SCHEDULE_OVERDUE'), facts);
  const sentence = lastPass
    ? `The schedule runs; its last pass ended at ${lastPass.toISOString()}.`
    : 'The schedule has not run yet; it comes every five minutes.';
  return { sentence, facts };
}

/**
 * Whether background workers can be started, as the last order showed: a check of its own would
 * need a function that does nothing. A refused order fails nothing, since its work is done all the
 * same, only more slowly.
 * @param siteUrl undefined where no address is known to be ours
 */
export async function addressCheck(
  store: Store,
  siteUrl: string | undefined,
  limits: Limits,
): Promise<Finding> {
  const { dispatch } = await readSchedule(store, limits.clock);
  const facts = { siteUrl: siteUrl ?? null, lastDispatch: dispatch ?? null };
  if (siteUrl === undefined) {
    return {
      sentence: 'No address of this site is known, so no background worker can be started.',
      remedy: 'Set URL in the environment to the address of the site; Netlify does so by itself.',
      facts,
    };
  }
  if (!dispatch) {
    return { sentence: 'No background worker has been started yet.', facts };
  }
  if (dispatch.accepted) {
    return { sentence: 'The last order for a background worker was accepted.', facts };
  }
  return {
    sentence: `The last order for a background worker failed: the site ${dispatch.reason}.`,
    remedy:
      'Remove what stands before the functions (password protection, a redirect); until then runs are worked on by passes of the schedule, which is slower.',
    facts,
  };
}

/**
 * Whether alerts reach somebody. A webhook that fails keeps no table from syncing, so it is a
 * warning.
 */
export async function webhookCheck(
  store: Store,
  {
    findWebhook,
    settings: { webhookSecrets },
  }: {
    readonly findWebhook: FindTarget;
    readonly settings: Pick<Settings, 'webhookSecrets'>;
  },
): Promise<Finding> {
  const { alertWebhookUrl: url } = await readSiteSettings(store);
  const { problem, keys = [] } = webhookSecrets ?? {};
  const isUnusable = problem !== undefined && keys.length === 0;
  const state = url === null ? NOTHING_SENT : await readWebhookState(store, url);
  const facts = {
    set: url !== null,
    origin: url === null ? null : new URL(url).origin,
    ...state,
    ...(problem && { code: problem.code, details: problem.details }),
  };
  if (problem) {
    return {
      sentence: isUnusable
        ? 'ALERT_WEBHOOK_SECRET cannot be used, so no alert is sent.'
        : 'ALERT_WEBHOOK_SECRET holds a value that cannot be used; alerts are signed by the others.',
      remedy: 'Correct the variable as `details` says.',
      facts,
    };
  }
  if (url === null) return { sentence: 'No webhook is set: alerts are off.', facts };
  const target = await findWebhook(url);
  if ('problem' in target) {
    return {
      sentence: `Alerts are not delivered: the webhook's URL ${target.problem}.`,
      remedy: 'Set another one by PUT sync-settings, or correct the DNS entries of its host.',
      facts,
    };
  }
  const { lastAttempt } = state;
  if (lastAttempt && lastAttempt.reason !== null) {
    return {
      sentence: `The last alert was not delivered: ${lastAttempt.reason}.`,
      remedy: 'Look at the receiver; each pass of the schedule tries again, for a day.',
      facts,
    };
  }
  const sentence = lastAttempt
    ? 'The receiver has taken the last alert.'
    : 'A webhook is set, and there has been no alert yet.';
  return { sentence, facts };
}

const NOTHING_SENT = { waiting: 0, lastAttempt: null };
