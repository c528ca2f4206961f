/** State synchronisation: what the rest of the program may use. */

export { formatKey, generateKey, KEY_LENGTH, parseKey } from "./crypto/key.js";
export { DATAGRAM_MAX } from "./datagram.js";
export type { DatagramPort, PeerAddress, SendOutcome } from "./datagram-port.js";
export { SspError, type SspErrorCode } from "./errors.js";
export { type CollectionPolicy, eagerCollection, stockCollection } from "./frame-timing.js";
export { decodeHostMessage, encodeHostMessage, type HostMessage } from "./host-message.js";
export { SHUTDOWN_NUMBER } from "./instruction.js";
export type { DatagramSent, StateReceived, TransportObserver } from "./observer.js";
export type { ReceivedState } from "./receiver.js";
export type { LocalStateCodec, RemoteStateCodec, StateCodec } from "./state.js";
export { Transport, type TransportOptions } from "./transport.js";
export {
	decodeUserEvents,
	encodeUserEvents,
	type UserEvent,
	UserInput,
	userInputCodec,
} from "./user-input.js";
