/*
 * The steps between ssh's shell and the program in the session that neither a shell nor JavaScript can take without altering
 * something: shells drop, rename and reorder variables, JavaScript's strings are UTF-8, and Node changes limits.
 *
 *   boundary server PROGRAM ARG...     Becomes Node, in a terminal session of its own, with the limits Node needs. The first
 *                                      `@limits` among ARG is replaced by the soft limits there were before.
 *   boundary program LIMITS IGNORED BLOCKED WORD...
 *                                      Run on the pty: readies terminal and process, stops itself until the server continues it,
 *                                      and becomes the program. WORD is explained at `read_words`.
 *   boundary restore PID PROGRAM ARG...
 *                                      Becomes PROGRAM with the environment that process PID was started with.
 *
 * Exit status: 1 when a limit is too low or the arguments make no sense, 126 or 127 when the program cannot be run.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#define MEBI (1024.0 * 1024.0)
/* Threads of Node that runs a session: V8's and libuv's pools of four, three of its own and the pty's waiter. */
#define NODE_THREADS 12
#define NODE_THREAD_STACK (64 * 1024)
/*
 * Measured with Node 20: a session begins with 800 MiB of address space, of which V8 touches little, and with 64 MiB of data,
 * 128 KiB of stack and 24 open files. More, since sessions grow, and V8 lets JavaScript use 984 KiB of stack.
 */
#define NODE_ADDRESS_SPACE (1024.0 * MEBI)
#define NODE_DATA (128.0 * MEBI)
#define NODE_STACK MEBI
#define NODE_FILES 32
/* What a stack is raised to at most: the usual limit. "Unlimited" would change how the kernel lays memory out. */
#define USUAL_STACK (8 * 1024 * 1024)
/* How long the message of a program that cannot be run stays before the session ends. */
#define FAILURE_PAUSE_S 3
#define SIGNALS 64
#define STATUS_FD 3

extern char **environ;

static int fail(const char *what, int error)
{
	fprintf(stderr, "mosh-server: %s: %s\n", what, strerror(error));
	return error == ENOENT ? 127 : 126;
}

static int misused(void)
{
	fprintf(stderr, "mosh-server: boundary: bad arguments\n");
	return 1;
}

static void *allocate(size_t size)
{
	void *memory = malloc(size == 0 ? 1 : size);
	if (memory == NULL) exit(fail("boundary", ENOMEM));
	return memory;
}

/* Limits */

/* The soft limits in the kernel's order, separated by commas; 18446744073709551615 is none. */
static char *describe_limits(void)
{
	size_t size = RLIM_NLIMITS * 24, used = 0;
	char *text = allocate(size);
	text[0] = '\0';
	for (int which = 0; which < RLIM_NLIMITS; which++) {
		struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
		getrlimit(which, &limit);
		used += snprintf(text + used, size - used, which == 0 ? "%llu" : ",%llu", (unsigned long long)limit.rlim_cur);
	}
	return text;
}

/* Hard limits are never touched, so every soft limit there was can be had again. An empty text changes nothing. */
static void restore_limits(const char *text)
{
	for (int which = 0; which < RLIM_NLIMITS && *text != '\0'; which++) {
		char *end;
		unsigned long long soft = strtoull(text, &end, 10);
		struct rlimit limit;
		if (end == text) return;
		if (getrlimit(which, &limit) == 0 && limit.rlim_cur != (rlim_t)soft) {
			limit.rlim_cur = (rlim_t)soft;
			setrlimit(which, &limit);
		}
		text = *end == ',' ? end + 1 : end;
	}
}

static void set_soft(int which, rlim_t soft)
{
	struct rlimit limit;
	if (getrlimit(which, &limit) != 0) return;
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	setrlimit(which, &limit);
}

static void raise_limits(void)
{
	struct rlimit stack;
	set_soft(RLIMIT_AS, RLIM_INFINITY);
	set_soft(RLIMIT_DATA, RLIM_INFINITY);
	set_soft(RLIMIT_NPROC, RLIM_INFINITY);
	set_soft(RLIMIT_NOFILE, RLIM_INFINITY);
	if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur < USUAL_STACK) set_soft(RLIMIT_STACK, USUAL_STACK);
	/* A core dump of the server would hold the session's key. */
	set_soft(RLIMIT_CORE, 0);
}

static sem_t threads_end;

static void *wait_for_end(void *unused)
{
	sem_wait(&threads_end);
	return unused;
}

/* Tried, not calculated: the limit counts what the user runs everywhere on the host. */
static bool can_have_threads(void)
{
	pthread_t threads[NODE_THREADS];
	pthread_attr_t attributes;
	int made = 0;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, NODE_THREAD_STACK);
	sem_init(&threads_end, 0, 0);
	while (made < NODE_THREADS && pthread_create(&threads[made], &attributes, wait_for_end, NULL) == 0) made++;
	for (int at = 0; at < made; at++) sem_post(&threads_end);
	for (int at = 0; at < made; at++) pthread_join(threads[at], NULL);
	return made == NODE_THREADS;
}

static bool is_low(int which, double needed, const char *what, const char *option, double unit)
{
	struct rlimit limit;
	if (getrlimit(which, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || (double)limit.rlim_cur >= needed) return false;
	fprintf(stderr,
		"mosh-server: the limit of %s is too low: it is %.0f%s and Node needs %.0f (see `ulimit -H -%s`).\n", what,
		(double)limit.rlim_cur / unit, unit > 1 ? " MiB" : "", needed / unit, option);
	return true;
}

/* Node ends in an abort without a word, or waits forever for a thread that could not be started: so it is asked before. */
static bool limits_suffice(void)
{
	struct rlimit processes;
	bool low = is_low(RLIMIT_AS, NODE_ADDRESS_SPACE, "address space", "v", MEBI);
	low = is_low(RLIMIT_DATA, NODE_DATA, "data", "d", MEBI) || low;
	low = is_low(RLIMIT_STACK, NODE_STACK, "stack", "s", MEBI) || low;
	low = is_low(RLIMIT_NOFILE, NODE_FILES, "open files", "n", 1) || low;
	if (!low && getrlimit(RLIMIT_NPROC, &processes) == 0 && processes.rlim_cur != RLIM_INFINITY && !can_have_threads()) {
		fprintf(stderr,
			"mosh-server: the limit of processes is too low: Node needs %d more processes and threads than this user has, and "
			"the limit is %llu (see `ulimit -H -u`).\n",
			NODE_THREADS, (unsigned long long)processes.rlim_cur);
		low = true;
	}
	return !low;
}

static int become_server(char **words)
{
	char *limits = describe_limits();
	raise_limits();
	/* The launcher waits for the exit status there. */
	if (!limits_suffice()) return write(STATUS_FD, "1", 1) == 1 ? 0 : 1;
	for (char **word = words; *word != NULL; word++) {
		if (strcmp(*word, "@limits") == 0) {
			*word = limits;
			break;
		}
	}
	/* Out of ssh's terminal session before that hangs up. */
	if (setsid() < 0) return fail("setsid", errno);
	execvp(words[0], words);
	return fail(words[0], errno);
}

/* Environment of another process */

static char *read_whole(const char *path, size_t *length)
{
	size_t room = 64 * 1024;
	char *bytes = allocate(room);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) return NULL;
	*length = 0;
	for (;;) {
		ssize_t got = read(file, bytes + *length, room - *length - 1);
		if (got < 0 && errno == EINTR) continue;
		if (got <= 0) break;
		*length += got;
		if (*length + 1 == room && (bytes = realloc(bytes, room *= 2)) == NULL) exit(fail("boundary", ENOMEM));
	}
	close(file);
	bytes[*length] = '\0';
	return bytes;
}

static int become_restored(const char *pid, char **words)
{
	char path[64];
	size_t length, count = 0;
	snprintf(path, sizeof path, "/proc/%s/environ", pid);
	char *bytes = read_whole(path, &length);
	/* Where /proc hides it, the shell's version is better than nothing. */
	if (bytes != NULL) {
		char **entries = allocate((length + 1) * sizeof *entries);
		for (char *at = bytes; at < bytes + length; at += strlen(at) + 1) entries[count++] = at;
		entries[count] = NULL;
		environ = entries;
	}
	execvp(words[0], words);
	return fail(words[0], errno);
}

/* The program on the pty */

struct program {
	const char *directory;
	char *name;
	char **arguments;
	char **entries;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends `word` to `to` with %XX replaced by the byte, and returns the end. */
static char *decode(char *to, const char *word)
{
	for (; *word != '\0'; word++) {
		int high = word[0] == '%' ? hex_digit(word[1]) : -1;
		int low = high < 0 ? -1 : hex_digit(word[2]);
		if (low < 0) {
			*to++ = *word;
		} else {
			*to++ = (char)(high << 4 | low);
			word += 2;
		}
	}
	*to = '\0';
	return to;
}

/*
 * A word begins with a letter: `a` an argument, the first being the program; `n` its argv[0] if that differs; `e` an entry of
 * the environment; `t` an entry that is completed with the terminal's name; `d` the working directory; `+` more of the word
 * before. The rest is text in which %XX is a byte.
 */
static bool read_words(char **words, struct program *program)
{
	size_t count = 0, arguments = 0, entries = 0;
	while (words[count] != NULL) count++;
	program->arguments = allocate((count + 1) * sizeof(char *));
	program->entries = allocate((count + 1) * sizeof(char *));
	for (size_t at = 0; at < count;) {
		size_t next = at + 1, size = strlen(words[at]) + 1;
		while (next < count && words[next][0] == '+') size += strlen(words[next++]);
		char kind = words[at][0], *device = kind == 't' ? ttyname(0) : NULL;
		char *text = allocate(size + (device == NULL ? 0 : strlen(device))), *end = text;
		if (kind == '\0') return false;
		for (size_t part = at; part < next; part++) end = decode(end, words[part] + 1);
		if (device != NULL) strcpy(end, device);
		if (kind == 'a') program->arguments[arguments++] = text;
		else if (kind == 'e' || device != NULL) program->entries[entries++] = text;
		else if (kind == 'n') program->name = text;
		else if (kind == 'd') program->directory = text;
		else if (kind != 't') return false;
		at = next;
	}
	program->arguments[arguments] = NULL;
	program->entries[entries] = NULL;
	return arguments > 0;
}

/* What node-pty's terminal has beyond the kernel's default. */
static void ready_terminal(void)
{
	struct termios terminal;
	if (tcgetattr(0, &terminal) != 0) return;
	terminal.c_iflag &= ~(IXANY | IMAXBEL | BRKINT);
	terminal.c_cflag &= ~HUPCL;
	terminal.c_cc[VEOL] = terminal.c_cc[VEOL2] = _POSIX_VDISABLE;
	tcsetattr(0, TCSANOW, &terminal);
}

/* `ignored` and `blocked` are sets as /proc shows them. Of what was ignored all remains so, except what ends with ssh. */
static void restore_signals(unsigned long long ignored, unsigned long long blocked)
{
	sigset_t set;
	sigemptyset(&set);
	for (int number = 1; number <= SIGNALS; number++) {
		unsigned long long bit = 1ULL << (number - 1);
		signal(number, (ignored & bit) != 0 && number != SIGHUP && number != SIGPIPE ? SIG_IGN : SIG_DFL);
		if ((blocked & bit) != 0) sigaddset(&set, number);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static int become_program(const char *limits, const char *ignored, const char *blocked, char **words)
{
	struct program program = {0};
	if (!read_words(words, &program)) return misused();
	/* With another session's terminal open here, that session would never be hung up. */
	if (close_range(3, ~0U, 0) != 0)
		for (int file = 3; file < 65536; file++) close(file);
	ready_terminal();
	if (program.directory != NULL && chdir(program.directory) != 0) {
		/* The server has told the user. */
	}
	raise(SIGSTOP);
	restore_limits(limits);
	restore_signals(strtoull(ignored, NULL, 16), strtoull(blocked, NULL, 16));
	char *file = program.arguments[0];
	if (program.name != NULL) program.arguments[0] = program.name;
	environ = program.entries;
	execvp(file, program.arguments);
	int status = fail(file, errno);
	sleep(FAILURE_PAUSE_S);
	return status;
}

int main(int count, char **words)
{
	const char *task = count > 1 ? words[1] : "";
	if (strcmp(task, "server") == 0 && count > 2) return become_server(words + 2);
	if (strcmp(task, "program") == 0 && count > 5) return become_program(words[2], words[3], words[4], words + 5);
	if (strcmp(task, "restore") == 0 && count > 3) return become_restored(words[2], words + 3);
	return misused();
}
