/**
 * What has changed between two tables, at the cost of the change where one was made from the other: beside a thousand sessions,
 * comparing all of them at every event was most of what a login cost. Pure.
 */

/** Of what two tables have, +1 for what is only in the later, −1 for what is only in the earlier. */
type Difference = ReadonlyMap<object, number>;

interface Origin {
	/** Weak: an origin keeps no table alive. */
	readonly from: WeakRef<readonly object[]>;
	readonly difference: Difference;
}

export interface TableChange<T> {
	readonly added: readonly T[];
	readonly removed: readonly T[];
}

const origins = new WeakMap<readonly object[], Origin>();

/** A reader of tables is a few readings behind at most. */
const MOST_STEPS = 8;

/** Says that `table` is `from` with these changes; of a member that is in both lists of changes, nothing has changed. */
export function madeFrom<T extends object>(
	from: readonly T[],
	table: readonly T[],
	{ added, removed }: TableChange<T>,
): void {
	const difference = new Map<object, number>();
	add(difference, removed, -1);
	add(difference, added, 1);
	origins.set(table, { from: new WeakRef(from), difference });
}

/** Members are the same if they are the same object; each is in a table once. */
export function changesBetween<T extends object>(before: readonly T[], after: readonly T[]): TableChange<T> {
	if (before === after) {
		return { added: [], removed: [] };
	}
	const found = byOrigin(before, after);
	if (found === undefined) {
		const [old, now] = [new Set(before), new Set(after)];
		return { added: after.filter((one) => !old.has(one)), removed: before.filter((one) => !now.has(one)) };
	}
	const changed = [...found];
	const only = (side: number) => changed.flatMap(([one, count]) => (count === side ? [one as T] : []));
	return { added: only(1), removed: only(-1) };
}

function byOrigin(before: readonly object[], after: readonly object[]): Difference | undefined {
	const toAfter = ancestry(after);
	for (const [ancestor, toBefore] of ancestry(before)) {
		const fromThere = toAfter.get(ancestor);
		if (fromThere !== undefined) {
			const difference = new Map(fromThere);
			for (const [one, count] of toBefore) {
				increase(difference, one, -count);
			}
			return difference;
		}
	}
	return undefined;
}

/** The table itself and those it was made from, nearest first, each with what leads from it to the table. */
function ancestry(table: readonly object[]): Map<readonly object[], Difference> {
	const found = new Map<readonly object[], Difference>([[table, new Map()]]);
	let difference = new Map<object, number>();
	let origin = origins.get(table);
	for (let step = 0; step < MOST_STEPS && origin !== undefined; step += 1) {
		const from = origin.from.deref();
		if (from === undefined) {
			break;
		}
		difference = new Map(difference);
		for (const [one, count] of origin.difference) {
			increase(difference, one, count);
		}
		found.set(from, difference);
		origin = origins.get(from);
	}
	return found;
}

function add(difference: Map<object, number>, members: readonly object[], count: number): void {
	for (const one of members) {
		increase(difference, one, count);
	}
}

function increase(difference: Map<object, number>, one: object, count: number): void {
	const sum = (difference.get(one) ?? 0) + count;
	if (sum === 0) {
		difference.delete(one);
	} else {
		difference.set(one, sum);
	}
}
