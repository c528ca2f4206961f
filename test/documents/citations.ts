/** What comments cite: sections of the protocol, and documents by their path. */

const NUMBER = "§\\d+(?:\\.\\d+)*";
/** "protocol §1.3", and further sections after it: "protocol §1.3 to §1.7", "protocol §2.3, §4", over lines of a comment. */
const CITATION = new RegExp(`[Pp]rotocol ${NUMBER}(?:(?:,| to| and)[\\s*/]+${NUMBER})*`, "g");
/** "§5.10-5.12", "§5.4, 5.13": a number that only a reader would take for a section. */
const WITHOUT_SIGN = /§\d+(?:\.\d+)*(?:-|, )\d+(?:\.\d+)*/g;
/** Not part of a longer path or name. */
const DOCUMENT = /(?<![\w./*-])(?:[\w-]+\/)*[\w-]+\.md\b/g;

/** Numbers of the headings of a document such as `### 1.3 Timestamps`. */
export function sectionsOf(document: string): ReadonlySet<string> {
	return new Set([...document.matchAll(/^#+ (\d+(?:\.\d+)*) /gm)].map(([, number]) => number as string));
}

/** The citations in `text` that lead nowhere, with the reason. */
export function faultsOf(text: string, sections: ReadonlySet<string>): string[] {
	const cited = [...text.matchAll(CITATION)].flatMap(([citation]) => numbersIn(citation));
	const loose = numbersIn(text.replaceAll(CITATION, ""));
	return [
		...cited.filter((number) => !sections.has(number)).map((number) => `no section ${number}`),
		...loose.map((number) => `§${number} does not say of what`),
		...[...text.matchAll(WITHOUT_SIGN)].map(([citation]) => `${citation} lacks a §`),
	];
}

/** Numbers after a § in `text`. */
export function numbersIn(text: string): string[] {
	return [...text.matchAll(new RegExp(NUMBER, "g"))].map(([citation]) => citation.slice(1));
}

/** Paths of the Markdown files that `text` names. */
export function documentsNamedIn(text: string): string[] {
	return [...text.matchAll(DOCUMENT)].map(([path]) => path);
}
