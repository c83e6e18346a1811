import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { AlertEvent, AlertMessage } from '../models/alert.js';
import type { AlertSelection } from '../store/alerts.js';
import type { Store } from '../store/store.js';
import { type Notice, recoveredMessage } from './alert.js';

/** An open alert that is raised on and on is sent again after this time. */
const REMIND_MS = 24 * 60 * 60_000;

export interface AlertContext {
  readonly store: Pick<Store, 'alerts' | 'rejects'>;
  readonly clock: Clock;
}

export interface Subject {
  readonly tableId: string;
  readonly tableName: string;
}

/**
 * Opens the event's alert and puts a message into its outbox; if it is open already, counts, and
 * sends only a reminder once a day, or what is urgent for the first time.
 * Every step may be repeated, by the same caller or by another one at the same time.
 * @throws AppError MONGODB_*
 */
export async function raise(
  context: AlertContext,
  { tableId, tableName }: Subject,
  notice: Notice,
): Promise<void> {
  const { alerts } = context.store;
  const { urgent = false, cause, ...content } = notice;
  const { event } = notice;
  const _id = [tableId, event, ...(cause ? [cause] : [])].join('|');
  const now = new Date(context.clock.now());
  const message: AlertMessage = { ...content, id: messageId(), at: now };
  const counted = await alerts.countRaise(_id);
  if (counted) {
    const { since, count, queuedAt } = counted;
    const isNews = urgent && !counted.urgent;
    if (!isNews && queuedAt.getTime() + REMIND_MS > now.getTime()) return;
    const again = { ...message, details: { ...message.details, since, count } };
    await alerts.remind(counted, again, { queuedAt: now, ...(urgent && { urgent }) });
    return;
  }
  const about = { tableId, tableName, event, ...(cause && { cause }) };
  const isOpened = await alerts.open({ _id, ...about, since: now, urgent }, message);
  // Another caller has just opened it: now there is something to count.
  if (!isOpened) await raise(context, { tableId, tableName }, notice);
}

/**
 * Ends those of the table's alerts that are open and over.
 * @param told whether their ends are to be sent
 * @throws AppError MONGODB_*
 */
export async function close(
  context: AlertContext,
  { tableId, tableName }: Subject,
  events: readonly AlertEvent[],
  told: () => Promise<boolean>,
): Promise<void> {
  // An alert with a cause of its own ends with that.
  await closeSelected(context, tableName, { tableId, events }, told);
}

/** Ends those of the table's alerts that have one of these causes. @throws AppError MONGODB_* */
export async function closeCauses(
  context: AlertContext,
  { tableId, tableName }: Subject,
  causes: readonly string[],
  told: () => Promise<boolean>,
): Promise<void> {
  await closeSelected(context, tableName, { tableId, causes }, told);
}

async function closeSelected(
  { store: { alerts, rejects }, clock }: AlertContext,
  tableName: string,
  selection: AlertSelection,
  told: () => Promise<boolean>,
): Promise<void> {
  // Nearly every run finds none.
  for (const alert of await alerts.listOpen(selection)) {
    const { event, cause, since, count } = alert;
    // A run that rejects nothing has not read the rows that earlier ones rejected.
    if (event === 'rejects' && (await rejects.hasOpen(selection.tableId))) continue;
    const message: AlertMessage = {
      id: messageId(),
      event: 'recovered',
      message: recoveredMessage(tableName, event, cause),
      at: new Date(clock.now()),
      details: { from: event, since, count },
    };
    await alerts.close(alert, (await told()) ? message : undefined);
  }
}

/** By it a receiver can tell a message that comes twice. */
function messageId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`;
}
