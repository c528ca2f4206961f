/** When commands are started ahead, and which one is taken. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { type Prestartable, PrestartedCommands } from "../../src/system/prestarted-commands.js";

const DELAY_MS = 50;

function setUp() {
	const started: (Prestartable & { alive: boolean; held: boolean })[] = [];
	const start = () => {
		const command = {
			alive: true,
			held: true,
			unref: () => {
				command.held = false;
			},
		};
		started.push(command);
		return command;
	};
	return { commands: new PrestartedCommands<Prestartable>(), start, started };
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

describe("a command started ahead", () => {
	test("is started after a while, does not keep the process alive, and is taken once", () => {
		const { commands, start, started } = setUp();
		commands.schedule("nft -f -", start);
		assert.equal(commands.take("nft -f -"), undefined);
		mock.timers.tick(DELAY_MS - 1);
		assert.equal(started.length, 0);
		mock.timers.tick(1);
		assert.equal(started[0]?.held, false);
		assert.equal(commands.take("ss"), undefined);
		assert.equal(commands.take("nft -f -"), started[0]);
		assert.equal(commands.take("nft -f -"), undefined);
	});

	test("is one of its name, however often it is scheduled", () => {
		const { commands, start, started } = setUp();
		for (let i = 0; i < 5; i++) {
			commands.schedule("ss", start);
		}
		mock.timers.tick(DELAY_MS);
		commands.schedule("ss", start);
		mock.timers.tick(DELAY_MS);
		assert.equal(started.length, 1);
		commands.schedule("nft", start);
		mock.timers.tick(DELAY_MS);
		assert.equal(started.length, 2);
	});

	test("that has ended is not taken, and is replaced when it is scheduled again", () => {
		const { commands, start, started } = setUp();
		commands.schedule("ss", start);
		mock.timers.tick(DELAY_MS);
		(started[0] as { alive: boolean }).alive = false;
		assert.equal(commands.take("ss"), undefined);
		commands.schedule("ss", start);
		mock.timers.tick(DELAY_MS);
		(started[1] as { alive: boolean }).alive = false;
		commands.schedule("ss", start);
		mock.timers.tick(DELAY_MS);
		assert.equal(commands.take("ss"), started[2]);
	});
});
