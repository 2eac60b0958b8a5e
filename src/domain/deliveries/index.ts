export type { Deliveries, DeliveriesParts } from './deliveries.ts';
export { createDeliveries } from './deliveries.ts';
export type {
  DeliveryEntry,
  DeliveryPage,
  DeliveryQuery,
  DeliveryState,
  LogoutMessage,
  Replay,
} from './delivery.ts';
export { DELIVERY_STATES, LOGOUT_MESSAGE } from './delivery.ts';
export { type ToldParty, toldParties } from './told.ts';
