/** The daemon's log: JSON lines on standard output, each with the name of an event. */

import { pino } from "pino";
import type { Config } from "../config/schema.js";
import { EVENTS, type GuardLog } from "../guard/report/events.js";

export interface Log {
	readonly event: GuardLog;
	level: Config["log"]["level"];
}

/** journald takes `<N>` at the start of a line as its priority, see sd-daemon(3). */
const PRIORITY: Readonly<Record<string, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** @param journal the lines go to journald, which adds time and process itself */
export function createLog(write: (line: string) => void, journal: boolean): Log {
	const logger = pino(
		{
			base: null,
			timestamp: journal ? false : pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }) },
		},
		{
			write: (line: string) => {
				const level = /^\{"level":"(\w+)"/.exec(line)?.[1] ?? "info";
				write(journal ? `<${PRIORITY[level] ?? 6}>${line}` : line);
			},
		},
	);
	return {
		event: (event, fields = {}) => logger[EVENTS[event].level]({ event, ...fields }, EVENTS[event].says),
		get level() {
			return logger.level as Config["log"]["level"];
		},
		set level(level) {
			logger.level = level;
		},
	};
}
