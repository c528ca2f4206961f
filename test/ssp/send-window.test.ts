import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { INITIAL_WINDOW, SendWindow } from "../../src/ssp/send-window.js";

/** On a path with a round trip of 100 ms and empty queues. */
function windowOf(size = INITIAL_WINDOW): SendWindow {
	const window = new SendWindow();
	window.sample(100, 0);
	window.acknowledged(size - INITIAL_WINDOW, true);
	return window;
}

describe("the window", () => {
	test("doubles with each round trip at first, by what is acknowledged", () => {
		const window = windowOf();
		window.acknowledged(INITIAL_WINDOW, true);
		assert.equal(window.size, 2 * INITIAL_WINDOW);
	});

	test("does not grow while the sender has less to send", () => {
		const window = windowOf();
		window.acknowledged(INITIAL_WINDOW, false);
		assert.equal(window.size, INITIAL_WINDOW);
	});

	test("grows slowly once a queue has formed, and shrinks when more than 60 ms wait in it", () => {
		const window = windowOf(20_000);
		window.sample(140, 1);
		window.acknowledged(20_000, true);
		assert.ok(window.size > 20_000 && window.size < 21_000, `${window.size}`);
		const full = window.size;
		window.sample(190, 2);
		// Also while it is not what limits the sender: the queue is there.
		window.acknowledged(20_000, false);
		assert.ok(window.size < full);
	});

	test("is halved by a loss that a queue explains, once per round, and by no other", () => {
		const window = windowOf(20_000);
		window.lost(1, 100);
		assert.equal(window.queues, false);
		assert.equal(window.size, 20_000);
		window.sample(140, 2);
		assert.equal(window.queues, true);
		window.lost(3, 100);
		window.lost(4, 100);
		assert.equal(window.size, 10_000);
		window.lost(104, 100);
		assert.equal(window.size, 5_000);
	});

	test("never falls below two datagrams", () => {
		const window = windowOf();
		window.sample(400, 1);
		for (let round = 1; round <= 20; round++) {
			window.lost(1000 * round, 100);
			window.acknowledged(4_000, true);
		}
		assert.equal(window.size, 2_500);
	});

	test("begins again after a silence", () => {
		const window = windowOf(20_000);
		window.restart();
		assert.equal(window.size, INITIAL_WINDOW);
		window.acknowledged(1_000, true);
		assert.equal(window.size, INITIAL_WINDOW + 1_000);
	});
});

test("the least round trip is forgotten within a minute: a path may have become longer", () => {
	const window = windowOf();
	window.sample(300, 29_999);
	assert.equal(window.leastTrip, 100);
	window.sample(300, 30_000);
	assert.equal(window.leastTrip, 100);
	assert.equal(window.queues, true);
	window.sample(300, 60_000);
	assert.equal(window.leastTrip, 300);
	assert.equal(window.queues, false);
});
