import { summarise } from "../measure/stats.js";
import { FIREWALLS } from "./firewalls.js";
import { GuardHost } from "./host.js";
import { reportOpening, watchOpening } from "./opening.js";

for (const fw of FIREWALLS.filter((f) => (process.argv[2] ?? f.name).split(",").includes(f.name))) {
	const host = await GuardHost.start(fw);
	try {
		await host.startGuard();
		const w: number[] = [],
			a: number[] = [],
			p: number[] = [];
		for (let i = 0; i < Number(process.argv[3] ?? 10); i++) {
			console.log(Date.now(), "start");
			w.push(await watchOpening(host, host.nextPort()));
			console.log("->", w.at(-1)!.toFixed(1));
			await new Promise((r) => setTimeout(r, 150));
			const r = await reportOpening(host, host.nextPort());
			a.push(r.answered);
			p.push(r.passed);
			await new Promise((r) => setTimeout(r, 150));
		}
		for (const [n, s] of [
			["watch", w],
			["answered", a],
			["passed", p],
		] as const) {
			const x = summarise(s);
			if (process.env.ALL) console.log(s.map((v) => v.toFixed(1)).join(" "));
			console.log(fw.name, n, x.count, x.median.toFixed(2), x.p99.toFixed(2), x.min.toFixed(2));
		}
	} catch (e) {
		console.error(fw.name, e);
	}
	await host.remove();
}
