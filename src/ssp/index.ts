/** The State Synchronization Protocol: what other rooms use of it. They import it from here. */

export { formatKey, generateKey } from "./crypto/key.js";
export type { DatagramPort, PeerAddress, SendOutcome } from "./datagram-port.js";
export { SspError } from "./errors.js";
export { eagerFrameTiming } from "./frame-timing.js";
export { decodeHostMessage, encodeHostMessage } from "./host-message.js";
export type { TransportObserver } from "./observer.js";
export { Opening } from "./opening.js";
export type { LocalStateCodec, Urgency } from "./state.js";
export { Transport } from "./transport.js";
export { type UserEvent, UserInput, userInputCodec } from "./user-input.js";
