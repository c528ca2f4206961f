/** What the benchmark reads from a trace of system calls. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTrace } from "../../bench/guard/opening.js";

const BIND =
	'812 1700000000.250000 bind(4, {sa_family=AF_INET, sin_port=htons(60007), sin_addr=inet_addr("10.77.0.1")}, 16) = 0\n';
const FIRST =
	'815 1700000000.262000 recvmsg(4, {msg_iov=[{iov_base="5000500000;", iov_len=2048}]}, 0) = 11\n';

test("a trace gives the bind's time on the monotonic clock and when the first datagram that passed was sent", () => {
	const offset = 1_700_000_000_250 - 4990;
	assert.deepEqual(readTrace(BIND + FIRST, 60007, offset), { boundAt: 4990, firstSentAt: 5000.5 });
});

test("a trace without a datagram, or of another port, gives nothing", () => {
	assert.equal(readTrace(BIND, 60007, 0), undefined);
	assert.equal(readTrace(BIND + FIRST, 60008, 0), undefined);
});
