/** Every timer and limit of state synchronisation (protocol §1.3 to §1.6, §3.1 to §3.6), each with its reason. Milliseconds. */

/** Frames closer together than this cost datagrams without a visible difference. */

export const INTERVAL_MIN = 20;
/** Even on a very slow path the screen is updated four times a second. */
export const INTERVAL_MAX = 250;
/** Collection interval of a server: programs draw in several writes. */
export const MIN_DELAY_SERVER = 8;
/** Longer for the beginning of output that passes: two frames that nobody could read. */
export const PASSING_DELAY = 40;
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

/** After a state was overdue, a next one brings what it changed as well for so long, which costs bytes: losses come several at a time. */
export const LOSS_MEMORY = 30_000;

/** States kept as possible bases of a diff. */
export const SENT_STATES_MAX = 32;
/** If there are more, the one this far from the newest is dropped: recent and acknowledged ones matter. */
export const SENT_STATES_CULL_FROM_END = 16;
/** Received states kept as bases before quenching starts. */
export const RECEIVED_STATES_MAX = 1_024;
/** While quenching, one more state is accepted per this time. */
export const QUENCH_INTERVAL = 15_000;

/** A large instruction on a path that has carried none as large: 1.5 s for the two steps down leave a first screen its 2 s. */
export const PATH_DOUBT_AFTER = 500;
/** Where a transmission takes longer than this to be given up, there is time for one step only: it goes to the end. */
export const PATH_SLOW_ROUND = 750;
/** A path that has carried as large ones seldom becomes narrower without a new address; loss is likelier. */
export const PROVEN_PATH_DOUBT_AFTER = 3_000;
export const PROVEN_PATH_ROUNDS = 8;
/** A living client is heard every 3 s: after more it, or the network, is away. */
export const PATH_SILENCE = 3_500;
/** A larger size is tried again after this; twice as long each time that it was in vain: it costs a frame's delay. */
export const PATH_RAISE_AFTER = 120_000;
/** The same after a step for which one loss had to be enough: ordinary loss is as likely. */
export const WEAK_PATH_RAISE_AFTER = 10_000;
export const PATH_RAISE_AFTER_MAX = 3_600_000;

/** States of a chain under way at most: the peer keeps 1024, and each is drawn. */
export const CHAIN_STATES_MAX = 64;
/** States of a chain follow each other after this at least: a terminal has to draw each. */
export const CHAIN_GAP = 3;
/** A timer that fires late is made up for as far as this. */
export const CHAIN_BURST = 6;
/** Later than a round trip by this a state counts as lost: half of what is taken for jitter, within these bounds. */
export const CHAIN_MARGIN_MIN = 60;
export const CHAIN_MARGIN_MAX = 100;
/** After two losses within this that no queue explains, each state is sent again ahead of the next one for as long. */
export const CHAIN_DUPLICATION = 30_000;
/** In that time the last one is sent once more after this, as an echo ack brings it elsewhere, unless another has followed. */
export const CHAIN_REPEAT = 50;
/** Without an answer, so many states are sent again: as many as an interactive program has under way. */
export const CHAIN_PROBE_STATES = 4;
/** Each time after twice as long, up to this. */
export const CHAIN_PROBE_MAX = 1_000;
/** The client warns its user 6500 ms after the last new state, in a bar across the screen; less what is on the way meanwhile. */
export const CHAIN_SILENCE = 6_000;
