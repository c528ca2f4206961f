/**
 * Copies the tab stops of a new screen instead of setting them one by one: a reset, two bytes, sets those of two screens
 * twice, which took longer than the rest of the reset.
 */
import type { LineBuffer } from "./internals.js";

const DISTANCE = 8;

/** Classes of xterm.js already patched, which affects all of its terminals. */
const prepared = new WeakSet<object>();

/** Patches the class of `buffer`. */
export function setTabStopsFast(buffer: LineBuffer): void {
	const buffers = Object.getPrototypeOf(buffer) as LineBuffer;
	if (prepared.has(buffers)) return;
	prepared.add(buffers);
	const { setupTabStops } = buffers;
	let stops: (boolean | undefined)[] = [];
	buffers.setupTabStops = function (from) {
		if (typeof from === "number") {
			setupTabStops.call(this, from);
			return;
		}
		if (stops.length !== this._cols) stops = stopsOf(this._cols);
		this.tabs = stops.slice();
	};
}

/** An array with holes: like the object xterm.js uses, it has entries only for columns with a stop. */
function stopsOf(columns: number): (boolean | undefined)[] {
	const stops: (boolean | undefined)[] = new Array(columns);
	for (let column = 0; column < columns; column += DISTANCE) stops[column] = true;
	return stops;
}
