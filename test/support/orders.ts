import type { SendOrder, WorkOrder } from '../../src/sync/dispatch.js';

/** A platform that accepts every order, and keeps it. */
export function takeInto(orders: WorkOrder[]): SendOrder {
  return async (order) => {
    orders.push(order);
    return { accepted: true, status: 202 };
  };
}

/** A site that can't call itself. */
export const noWorker: SendOrder = async () => ({ accepted: false, reason: 'a test' });
