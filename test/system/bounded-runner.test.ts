import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { BoundedRunner } from "../../src/system/bounded-runner.js";
import { mockedClock } from "../support/mocked-clock.js";

afterEach(() => mock.timers.reset());

describe("one run at a time", () => {
	const turn = () => new Promise((resolve) => setImmediate(resolve));

	test("two never run at once, even when somebody asks again the moment a run has ended", async () => {
		let running = 0;
		let most = 0;
		const flight = new BoundedRunner(
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
		const flight = new BoundedRunner(work, { now: () => 0 });
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
		const flight = new BoundedRunner(async () => void runs++, clock);
		for (let i = 0; i < 3000; i++) {
			void flight.request();
			await turn();
			clock.tick(1);
			await turn();
		}
		assert.ok(runs >= 300 && runs <= 50 + 300 + 5, `${runs} runs in 3 s`);
	});
});
