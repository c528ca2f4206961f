/** What of a stream of terminal output a person would see as text. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control functions are what this removes.
const CONTROL = /\x1b(?:\[[0-9;?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|[\x00-\x1f\x7f]/g;

/** `output` without control functions: what is printed one after the other stands side by side. */
export function printedText(output: string): string {
	return output.replace(CONTROL, "");
}
