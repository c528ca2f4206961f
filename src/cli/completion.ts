/** Generates the completion scripts from the definition of the command line, so that the two cannot diverge. */

import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const HEADING = "# Generated from the command line's definition by `npx tsx scripts/completions.ts`.";

export function completionScript(program: Command, shell: Shell): string {
	return { bash, zsh, fish }[shell](program);
}

function bash(program: Command): string {
	const cases = program.commands.map((command) => {
		return `\t\t${command.name()}) words="${flagsOf(command).join(" ")}" ;;`;
	});
	return `${HEADING}
_mosh_portguard() {
	local current=\${COMP_WORDS[COMP_CWORD]} words="" command="" i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case \${COMP_WORDS[i]} in
		--config | --runtime-folder) ((i++)) ;;
		-*) ;;
		*)
			command=\${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $command in
		"") words="${[...namesOf(program), ...flagsOf(program)].join(" ")}" ;;
${cases.join("\n")}
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _mosh_portguard mosh-portguard
`;
}

function zsh(program: Command): string {
	const commands = program.commands.map(
		(command) => `\t\t${quote(`${command.name()}:${command.description()}`)}`,
	);
	const cases = program.commands.map((command) => {
		const specs = shownOptions(command).map((option) => `\\\n\t\t\t\t${zshOption(option)}`);
		return `\t\t\t${command.name()}) _arguments ${specs.join(" ")} ;;`;
	});
	return `#compdef mosh-portguard
${HEADING}
_mosh_portguard() {
	local -a commands
	commands=(
${commands.join("\n")}
	)
	_arguments -C ${program.options.map(zshOption).join(" ")} '1:command:->command' '*::argument:->argument'
	case $state in
	command) _describe command commands ;;
	argument)
		case $words[1] in
${cases.join("\n")}
		esac
		;;
	esac
}
_mosh_portguard "$@"
`;
}

function zshOption(option: Option): string {
	const value = option.required ? ":value:" : "";
	const names = [option.short, option.long].filter((name) => name !== undefined);
	return names.map((name) => quote(`${name}[${option.description}]${value}`)).join(" ");
}

function fish(program: Command): string {
	const none = `not __fish_seen_subcommand_from ${namesOf(program).join(" ")}`;
	const lines = program.commands.flatMap((command) => [
		`complete -c mosh-portguard -f -n ${quote(none)} -a ${command.name()} -d ${quote(command.description())}`,
		...shownOptions(command).map((option) =>
			fishOption(option, `__fish_seen_subcommand_from ${command.name()}`),
		),
	]);
	return `${[HEADING, ...program.options.map((option) => fishOption(option, none)), ...lines].join("\n")}\n`;
}

function fishOption(option: Option, condition: string): string {
	const long = option.long === undefined ? "" : ` -l ${option.long.slice(2)}`;
	const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
	const value = option.required ? " -r" : "";
	return `complete -c mosh-portguard -n ${quote(condition)}${long}${short}${value} -d ${quote(option.description)}`;
}

function shownOptions(command: Command): Option[] {
	return command.options.filter(({ hidden }) => !hidden);
}

function namesOf(program: Command): string[] {
	return program.commands.map((command) => command.name());
}

function flagsOf(command: Command): string[] {
	return shownOptions(command).flatMap(({ short, long }) =>
		[short, long].filter((name) => name !== undefined),
	);
}

/** Quotes text for a shell. */
function quote(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}
