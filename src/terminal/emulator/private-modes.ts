/**
 * Follows DECSET and DECRST, which several parts of the emulator act on. Parameters are passed as xterm.js has them: its public
 * interface makes a list of them for each handler, which took a third of the time for a flood of such sequences.
 */
import type { Terminal } from "@xterm/headless";
import type { FollowModes, ModeList } from "../screen/modes.js";
import type { Core } from "./internals.js";

/** What it calls comes before xterm.js has acted on the modes; what follows last is called first. */
export function modesOf({ parser }: Terminal, core: Core | undefined): FollowModes {
	if (core === undefined) {
		return (final, follow) => {
			parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
				const params = parameters.filter((parameter) => typeof parameter === "number");
				follow({ params, length: params.length });
				return false;
			});
		};
	}
	return (final, follow) => {
		core.registerCsiHandler({ prefix: "?", final }, (parameters) => {
			follow(parameters);
			return false;
		});
	};
}

/** Not `includes`, which a `subarray` would have to be made for. */
export function hasMode({ params, length }: ModeList, mode: number): boolean {
	for (let index = 0; index < length; index++) {
		if (params[index] === mode) {
			return true;
		}
	}
	return false;
}
