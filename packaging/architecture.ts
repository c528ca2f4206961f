/** The kinds of machine that packages are made for, and what compiles for them here. */

import { spawnSync } from "node:child_process";

/** One kind of machine, by the name that each tool has for it. */
export interface Architecture {
	readonly debian: "amd64" | "arm64";
	readonly rpm: "x86_64" | "aarch64";
	readonly node: "x64" | "arm64";
	/** Of Debian's cross compilers, which are called `GNU-gcc` and so on. */
	readonly gnu: "x86_64-linux-gnu" | "aarch64-linux-gnu";
	/** e_machine of its programs (elf(5)). */
	readonly elf: 62 | 183;
}

export const ARCHITECTURES: readonly Architecture[] = [
	{ debian: "amd64", rpm: "x86_64", node: "x64", gnu: "x86_64-linux-gnu", elf: 62 },
	{ debian: "arm64", rpm: "aarch64", node: "arm64", gnu: "aarch64-linux-gnu", elf: 183 },
];

/** Programs, by their names in PATH. */
export interface Toolchain {
	readonly cc: string;
	readonly cxx: string;
	readonly strip: string;
}

/** That of the machine which builds, whatever made it; undefined on one that no package is made for. */
export function ownArchitecture(): Architecture | undefined {
	return ARCHITECTURES.find(({ node }) => node === process.arch);
}

export function toolchain(architecture: Architecture): Toolchain {
	if (architecture === ownArchitecture()) {
		return { cc: "cc", cxx: "c++", strip: "strip" };
	}
	const { gnu } = architecture;
	return { cc: `${gnu}-gcc`, cxx: `${gnu}-g++`, strip: `${gnu}-strip` };
}

/** Why nothing can be compiled for it here, with Debian's packages that are missing; or undefined. */
export function compileObstacle(architecture: Architecture): string | undefined {
	const { cc, cxx, strip } = toolchain(architecture);
	const suffix = architecture === ownArchitecture() ? "" : `-${architecture.gnu.replace("_", "-")}`;
	const missing = [
		[cc, `gcc${suffix}`],
		[cxx, `g++${suffix}`],
		[strip, `binutils${suffix}`],
	].filter(([program = ""]) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined);
	if (missing.length === 0) {
		return undefined;
	}
	const programs = missing.map(([program]) => program).join(", ");
	return `${programs} missing (Debian: apt install ${missing.map(([, name]) => name).join(" ")})`;
}
