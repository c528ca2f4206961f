import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { Burst, GLANCES_MS, SingleFlight, Timers } from "../../src/guard/schedule.js";

afterEach(() => mock.timers.reset());

/** The mocked time; `tick` moves it a millisecond at a time, as a real clock would be seen. */
function mockedClock() {
	mock.timers.enable({ apis: ["setTimeout", "Date"] });
	return {
		now: () => Date.now(),
		tick: (milliseconds: number) => {
			for (let i = 0; i < milliseconds; i++) mock.timers.tick(1);
		},
	};
}

describe("a burst", () => {
	test("looks at once and glances at every later time, then no more", () => {
		const clock = mockedClock();
		const looked: number[] = [];
		const glanced: number[] = [];
		const looks = { look: () => looked.push(clock.now()), glance: () => glanced.push(clock.now()) };
		new Burst(looks, clock).trigger();
		clock.tick(1000);
		assert.deepEqual(looked, [0]);
		assert.deepEqual(glanced, [...GLANCES_MS]);
	});

	test("shares its glances with others of the same millisecond", () => {
		const clock = mockedClock();
		let glances = 0;
		const burst = new Burst({ look: () => undefined, glance: () => glances++ }, clock);
		for (let i = 0; i < 100; i++) burst.trigger();
		clock.tick(1000);
		assert.equal(glances, GLANCES_MS.length);
	});

	test("looks at once although a glance is due within the millisecond", () => {
		const clock = mockedClock();
		let looks = 0;
		const burst = new Burst({ look: () => looks++, glance: () => undefined }, clock);
		burst.trigger();
		clock.tick(GLANCES_MS[0]);
		burst.trigger();
		assert.equal(looks, 2);
	});

	test("stops", () => {
		const clock = mockedClock();
		let glances = 0;
		const burst = new Burst({ look: () => undefined, glance: () => glances++ }, clock);
		burst.trigger();
		burst.stop();
		clock.tick(1000);
		assert.equal(glances, 0);
	});
});

describe("one run at a time", () => {
	const turn = () => new Promise((resolve) => setImmediate(resolve));

	test("two never run at once, even when somebody asks again the moment a run has ended", async () => {
		let running = 0;
		let most = 0;
		const flight = new SingleFlight(
			async () => {
				running++;
				most = Math.max(most, running);
				await turn();
				running--;
			},
			{ now: () => 0 },
		);
		const first = flight.request();
		const again = first.then(() => flight.request());
		await Promise.all([again, flight.request()]);
		assert.equal(most, 1);
	});

	test("whoever asks during a run gets the next one, and shares it", async () => {
		let runs = 0;
		let finish: () => void = () => undefined;
		const work = () => {
			runs++;
			return new Promise<void>((resolve) => {
				finish = resolve;
			});
		};
		const flight = new SingleFlight(work, { now: () => 0 });
		const first = flight.request();
		await turn();
		let later = 0;
		const others = Promise.all(Array.from({ length: 50 }, () => flight.request().then(() => later++)));
		finish();
		await first;
		await turn();
		assert.deepEqual([runs, later], [2, 0]);
		finish();
		await others;
		assert.deepEqual([runs, later], [2, 50]);
	});

	test("a flood of requests runs no oftener than a hundred times a second", async () => {
		const clock = mockedClock();
		let runs = 0;
		const flight = new SingleFlight(async () => void runs++, clock);
		for (let i = 0; i < 3000; i++) {
			void flight.request();
			await turn();
			clock.tick(1);
			await turn();
		}
		assert.ok(runs >= 300 && runs <= 50 + 300 + 5, `${runs} runs in 3 s`);
	});
});

test("timers end together", () => {
	const clock = mockedClock();
	const fired: string[] = [];
	const timers = new Timers();
	timers.after(1, () => fired.push("before start"));
	timers.start();
	timers.every(10, () => fired.push("tick"));
	timers.after(15, () => fired.push("once"));
	clock.tick(25);
	timers.stop();
	clock.tick(100);
	assert.deepEqual(fired, ["tick", "once", "tick"]);
});
