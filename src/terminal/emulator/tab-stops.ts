/**
 * Copies the tab stops of a new screen instead of setting them one by one: a reset, two bytes, sets those of two screens
 * twice, which took longer than the rest of the reset. In an array they are also found faster.
 */
import type { LineBuffer } from "./internals.js";

const DISTANCE = 8;

/** Classes of xterm.js already patched, which affects all of its terminals. */
const prepared = new WeakSet<object>();

/** Patches the class of `buffer`. */
export function setTabStopsFast(buffer: LineBuffer): void {
	const buffers = Object.getPrototypeOf(buffer) as LineBuffer;
	if (prepared.has(buffers)) {
		return;
	}
	prepared.add(buffers);
	const { setupTabStops } = buffers;
	let stops: (boolean | undefined)[] = [];
	buffers.setupTabStops = function (from) {
		if (typeof from === "number") {
			setupTabStops.call(this, from);
			return;
		}
		if (stops.length !== this._cols) {
			stops = stopsOf(this._cols);
		}
		this.tabs = stops.slice();
	};
	const { nextStop, prevStop } = buffers;
	buffers.nextStop = function () {
		if (!Array.isArray(this.tabs)) {
			return nextStop.call(this);
		}
		const stop = this.tabs.indexOf(true, this.x + 1);
		return stop < 0 ? this._cols - 1 : Math.min(stop, this._cols - 1);
	};
	buffers.prevStop = function (this: LineBuffer, from = this.x) {
		if (!Array.isArray(this.tabs)) {
			return prevStop.call(this, from);
		}
		return from > 0 ? Math.max(0, this.tabs.lastIndexOf(true, from - 1)) : 0;
	};
}

/** An array with holes: like the object xterm.js uses, it has entries only for columns with a stop. */
function stopsOf(columns: number): (boolean | undefined)[] {
	const stops: (boolean | undefined)[] = new Array(columns);
	for (let column = 0; column < columns; column += DISTANCE) {
		stops[column] = true;
	}
	return stops;
}
