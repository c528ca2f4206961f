/** Time that only a test moves, for code that sets timers. Call `mock.timers.reset()` after each test. */

import { mock } from "node:test";

/** The mocked time; `tick` moves it a millisecond at a time, as a real clock would be seen. */
export function mockedClock() {
	mock.timers.enable({ apis: ["setTimeout", "Date"] });
	return {
		now: () => Date.now(),
		tick: (milliseconds: number) => {
			for (let i = 0; i < milliseconds; i++) {
				mock.timers.tick(1);
			}
		},
	};
}
