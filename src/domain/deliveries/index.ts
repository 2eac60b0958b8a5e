export type { Deliveries, DeliveriesParts } from './deliveries.ts';
export { createDeliveries } from './deliveries.ts';
export type {
  DeliveryEntry,
  DeliveryKind,
  DeliveryPage,
  DeliveryQuery,
  DeliveryState,
  EventMessage,
  LogoutMessage,
  Replay,
} from './delivery.ts';
export { DELIVERY_KINDS, DELIVERY_STATES, EVENT_MESSAGE, LOGOUT_MESSAGE } from './delivery.ts';
export { type ToldParty, toldParties } from './told.ts';
