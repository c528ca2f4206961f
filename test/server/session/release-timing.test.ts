import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	BUSY_BYTES,
	CALM_BYTES,
	CALM_LOOKS,
	LOOK_MS,
	ReleaseTiming,
} from "../../../src/server/session/release-timing.js";
import { FakeClock } from "../../support/fake-clock.js";
import { FakeTimers } from "../../support/fake-timers.js";

const HOUR_MS = 3_600_000;

function setUp() {
	const clock = new FakeClock();
	const timers = new FakeTimers(clock);
	let typedAt: number | undefined;
	let releases = 0;
	let busy = 0;
	const timing = new ReleaseTiming({
		clock,
		timers,
		lastInputAt: () => typedAt,
		release: () => {
			releases++;
		},
		busy: () => {
			busy++;
		},
	});
	return {
		timing,
		timers,
		type: () => {
			typedAt = clock.now();
		},
		releases: () => releases,
		busy: () => busy,
		/** Lets time pass in steps of 100 ms, in each of which `each` happens. Returns how often memory was given back. */
		pass(ms: number, each: () => void = () => {}): number {
			const before = releases;
			for (let passed = 0; passed < ms; passed += 100) {
				clock.advance(100);
				each();
				timers.settle();
			}
			return releases - before;
		},
	};
}

/** A session that has given back what its beginning left. */
function calm() {
	const rig = setUp();
	rig.timing.start();
	assert.equal(rig.pass(LOOK_MS * CALM_LOOKS), 1);
	return rig;
}

describe("memory is given back", () => {
	it("once after the beginning; then nothing wakes a session that stays calm", () => {
		const { timers, pass } = calm();
		assert.equal(timers.pending, 0);
		assert.equal(pass(HOUR_MS), 0);
	});

	it("not before the session has begun", () => {
		const { timers, timing } = setUp();
		timing.output(1);
		assert.equal(timers.pending, 0);
	});

	it("once after a flood, within 9 s, and not while it continues", () => {
		const { timing, timers, pass, busy } = calm();
		assert.equal(
			pass(60_000, () => timing.output(1 << 20)),
			0,
		);
		assert.equal(busy(), 1);
		assert.equal(pass(9_000), 1);
		assert.equal(timers.pending, 0);
		assert.equal(pass(HOUR_MS), 0);
	});

	it("after each flood", () => {
		const { timing, pass, busy, releases } = calm();
		for (let flood = 1; flood <= 3; flood++) {
			timing.output(1 << 20);
			pass(9_000);
			assert.deepEqual([busy(), releases()], [flood, 1 + flood]);
		}
	});

	it("not while somebody types, however little is shown", () => {
		const { timing, type, pass } = calm();
		timing.output(BUSY_BYTES);
		assert.equal(
			pass(60_000, () => {
				type();
				timing.output(10);
			}),
			0,
		);
		assert.equal(pass(LOOK_MS * CALM_LOOKS - 100), 0, "for a while after the last key");
		assert.equal(pass(LOOK_MS), 1);
	});

	it("not between the parts of a flood that comes in parts", () => {
		const { timing, pass } = calm();
		let passed = 0;
		assert.equal(
			pass(60_000, () => {
				if (passed++ % ((CALM_LOOKS * LOOK_MS) / 100) === 0) {
					timing.output(1 << 20);
				}
			}),
			0,
		);
	});

	it("not for a few lines", () => {
		const { timing, timers, pass } = calm();
		timing.output(1 << 20);
		pass(9_000);
		timing.output(BUSY_BYTES - 1);
		assert.equal(timers.pending, 0);
		timing.output(1);
		assert.equal(pass(9_000), 1);
	});

	it("also while a program shows the time", () => {
		const { timing, pass } = calm();
		timing.output(1 << 20);
		const each = Math.floor(CALM_BYTES / (LOOK_MS / 100));
		assert.equal(
			pass(LOOK_MS * (CALM_LOOKS + 1), () => timing.output(each)),
			1,
		);
	});

	it("not when the session is over", () => {
		for (const before of [0, 1 << 20]) {
			const { timing, timers } = calm();
			timing.output(before);
			timing.stop();
			timing.output(1 << 20);
			assert.equal(timers.pending, 0, `${before} bytes before its end`);
		}
	});
});
