/** Every timer and limit of state synchronisation (protocol §1.3 to §1.6, §3.1 to §3.6), each with its reason. Milliseconds. */

/** Frames closer together than this cost datagrams and show no eye anything new. */
export const INTERVAL_MIN = 20;
/** Even on a very slow path the screen moves four times a second. */
export const INTERVAL_MAX = 250;
/** A server waits this long after a first change: programs draw in several writes. */
export const MIN_DELAY_SERVER = 8;
/** A client's keys come singly; only pasted bytes arrive in one go. */
export const MIN_DELAY_CLIENT = 1;
/** Received data is acknowledged at the latest after this, in the hope that a frame carries the ack for free. */
export const ACK_DELAY = 100;
/** Heartbeat: the client warns its user after 6500 ms without a new state number. */
export const ACK_INTERVAL = 3_000;
/** Unacknowledged states are resent at frame rate this long after the peer was last heard, then by heartbeat. */
export const ACTIVE_RETRY = 10_000;
/** Shutdown instructions sent before the peer counts as gone. */
export const SHUTDOWN_TRIES = 16;
/** And never longer than this. */
export const SHUTDOWN_TIMEOUT = 10_000;
/** A server that hears nothing for so long stops sending; the address may belong to someone else by now. */
export const DETACH_AFTER = 40_000;
/** A timestamp held longer than this would say more about us than about the path. */
export const TIMESTAMP_REPLY_MAX_AGE = 1_000;
/** What a congestion mark takes off an echoed timestamp: the peer sees a longer path and slows down. */
export const CONGESTION_PENALTY = 500;

/** Assumptions before the first round trip is measured. */
export const INITIAL_SRTT = 1_000;
export const INITIAL_RTTVAR = 500;
/** Samples from here on are a clock that wrapped or a peer that slept. */
export const RTT_SAMPLE_LIMIT = 5_000;
/** Below 50 ms ordinary jitter would count as loss; above 1 s people notice that nothing is retried. */
export const RTO_MIN = 50;
export const RTO_MAX = 1_000;

/** States kept as possible bases of a diff. */
export const SENT_STATES_MAX = 32;
/** When there are more, the one this far from the newest goes: recent and acknowledged ones matter. */
export const SENT_STATES_CULL_FROM_END = 16;
/** Received states held as bases before quenching starts. */
export const RECEIVED_STATES_MAX = 1_024;
/** While quenching, one further state is taken per this time. */
export const QUENCH_INTERVAL = 15_000;
