/** Every timer and limit of state synchronisation (protocol §1.3 to §1.6, §3.1 to §3.6), each with its reason. Milliseconds. */

/** Frames closer together than this cost datagrams without a visible difference. */

export const INTERVAL_MIN = 20;
/** Even on a very slow path the screen is updated four times a second. */
export const INTERVAL_MAX = 250;
/** Collection interval of a server: programs draw in several writes. */
export const MIN_DELAY_SERVER = 8;
/** Collection interval of a client: keys come one by one; only pasted text arrives in bursts. */
export const MIN_DELAY_CLIENT = 1;
/** Received data is acknowledged after this at the latest; until then a frame may carry the ack for free. */
export const ACK_DELAY = 100;
/** Heartbeat: the client warns its user after 6500 ms without a new state number. */
export const ACK_INTERVAL = 3_000;
/** Unacknowledged states are resent at frame rate this long after the peer was last heard, then by heartbeat. */
export const ACTIVE_RETRY = 10_000;
/** Shutdown instructions sent before the peer counts as gone. */
export const SHUTDOWN_TRIES = 16;
/** A shutdown never takes longer than this. */
export const SHUTDOWN_TIMEOUT = 10_000;
/** A server that hears nothing for this long stops sending: the address may belong to someone else by now. */
export const DETACH_AFTER = 40_000;
/** A timestamp kept longer than this would measure this side rather than the path. */
export const TIMESTAMP_REPLY_MAX_AGE = 1_000;
/** Subtracted from an echoed timestamp after a congestion mark: the peer sees a longer round trip and slows down. */
export const CONGESTION_PENALTY = 500;

/** Assumptions before the first round trip is measured. */
export const INITIAL_SRTT = 1_000;
export const INITIAL_RTTVAR = 500;
/** Samples of this length or more come from a clock that wrapped or a peer that was suspended. */
export const RTT_SAMPLE_LIMIT = 5_000;
/** Below 50 ms ordinary jitter would be taken for loss; above 1 s users notice that nothing is retried. */
export const RTO_MIN = 50;
export const RTO_MAX = 1_000;

/** States kept as possible bases of a diff. */
export const SENT_STATES_MAX = 32;
/** If there are more, the one this far from the newest is dropped: recent and acknowledged ones matter. */
export const SENT_STATES_CULL_FROM_END = 16;
/** Received states kept as bases before quenching starts. */
export const RECEIVED_STATES_MAX = 1_024;
/** While quenching, one more state is accepted per this time. */
export const QUENCH_INTERVAL = 15_000;
