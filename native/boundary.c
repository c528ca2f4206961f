/*
 * Performs the steps between ssh's shell and the program in the session that neither a shell nor Node can perform without
 * altering something: shells drop, rename and reorder variables, Node's strings are UTF-8, and Node changes limits.
 *
 *   boundary server PROGRAM ARG...     Becomes Node, in a terminal session of its own, with the limits that Node needs. The
 *                                      first `@limits` among ARG is replaced by the original soft limits.
 *   boundary program LIMITS IGNORED BLOCKED
 *                                      Runs on the pty: sets up the terminal and the process, stops itself until the server
 *                                      continues it, and becomes the program. Its environment consists of words that
 *                                      describe the program (see `read_words`).
 *   boundary restore PID PROGRAM ARG...
 *                                      Becomes PROGRAM with the environment that process PID was started with and its limits.
 *   boundary rerun PID COUNT PROGRAM ARG...
 *                                      As `restore`; the last COUNT arguments are those of process PID, which are the same but for
 *                                      what Node has made of bytes that are not UTF-8.
 *   boundary clear AFTER BYTE...       Discards what a program has not read from its terminal, whose master is descriptor 3, if
 *                                      one of the BYTEs is a key that sends a signal there and has not got through (see
 *                                      `clear_for`). The exit status is that byte, or 0 if nothing was discarded.
 *
 * It has the rights of its caller and must not be installed setuid or setgid: it executes what it is told to. It reads no
 * variable except PATH, in execvp(3).
 * Exit status of the others: 1 if a limit is too low or the arguments are invalid, 126 or 127 if the program cannot be run.
 */

/* Not _GNU_SOURCE, with which newer C libraries provide a strtoull(3) that older ones do not have. */
#define _DEFAULT_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#define MEBI (1024.0 * 1024.0)
/* Threads of a Node that runs a session: the pools of V8 and libuv with four each, three of its own, and the pty's waiter. */
#define NODE_THREADS 12
/* Above the minimum of every architecture (128 KiB on arm64). */
#define NODE_THREAD_STACK (256 * 1024)
/*
 * Measured with Node 20: a session starts with 800 MiB of address space, little of which V8 touches, 64 MiB of data, 128 KiB of
 * stack and 24 open files. The limits are higher because sessions grow, and V8 lets JavaScript use 984 KiB of stack.
 */
#define NODE_ADDRESS_SPACE (1024.0 * MEBI)
#define NODE_DATA (128.0 * MEBI)
#define NODE_STACK MEBI
#define NODE_FILES 32
/* The stack limit is raised to this, the usual value: without a limit the kernel uses another memory layout. */
#define USUAL_STACK (8 * 1024 * 1024)
/* How long the message that a program cannot be run stays on the screen before the session ends. */
#define FAILURE_PAUSE_S 3
#define SIGNALS 64
/* A pipe to the launcher, which reads the exit status from it. */
#define STATUS_FD 3
/* For `clear`. Not one of the first three: libuv makes those of a child blocking, for everybody who shares the description. */
#define MASTER_FD 3

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

static void close_from(int first)
{
#ifdef SYS_close_range
	/* By its number: not every C library has the function. */
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
	/* Kernels before 5.9. */
	DIR *folder = opendir("/proc/self/fd");
	if (folder == NULL) return;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		int file = atoi(entry->d_name);
		if (file >= first && file != dirfd(folder)) close(file);
	}
	closedir(folder);
}

/* Limits */

/* The soft limits in the kernel's order, separated by commas; RLIM_INFINITY is 18446744073709551615. */
static char *describe_limits(void)
{
	size_t size = RLIM_NLIMITS * 24, used = 0;
	char *text = allocate(size);
	text[0] = '\0';
	for (int which = 0; which < RLIM_NLIMITS; which++) {
		struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
		getrlimit(which, &limit);
		used += (size_t)snprintf(text + used, size - used, which == 0 ? "%llu" : ",%llu", (unsigned long long)limit.rlim_cur);
	}
	return text;
}

/* Hard limits are never changed, so every soft limit can be restored. An empty text changes nothing. */
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

/* Tried rather than calculated: the limit applies to everything that the user runs on the host. */
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

/* Without these checks Node would abort without a message, or wait forever for a thread that could not be started. */
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

/*
 * Removes the variables that Node and its libraries obey: an IPC channel, options, the number of threads. The server reads the
 * program's environment from the launcher.
 */
static void forget_node_variables(void)
{
	static const char *const NAMES[] = {"NODE_", "UV_", "OPENSSL_", "WATCH_REPORT_DEPENDENCIES="};
	char **kept = environ;
	for (char **entry = environ; *entry != NULL; entry++) {
		bool obeyed = false;
		for (size_t at = 0; at < sizeof NAMES / sizeof *NAMES; at++) {
			obeyed = obeyed || strncmp(*entry, NAMES[at], strlen(NAMES[at])) == 0;
		}
		if (!obeyed) *kept++ = *entry;
	}
	*kept = NULL;
}

static int become_server(char **words)
{
	char *limits = describe_limits();
	raise_limits();
	if (!limits_suffice()) return write(STATUS_FD, "1", 1) == 1 ? 0 : 1;
	for (char **word = words; *word != NULL; word++) {
		if (strcmp(*word, "@limits") == 0) {
			*word = limits;
			break;
		}
	}
	/* The launcher's shell can only close descriptors up to 9. */
	close_from(STATUS_FD + 1);
	forget_node_variables();
	/* Leaves ssh's terminal session before that is hung up. */
	if (setsid() < 0) return fail("setsid", errno);
	execvp(words[0], words);
	return fail(words[0], errno);
}

/* What another process was started with */

/* The content and a NUL; NULL if it cannot be read. */
static char *read_whole(const char *path, size_t *length)
{
	size_t room = 64 * 1024;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) return NULL;
	char *bytes = allocate(room);
	ssize_t got;
	*length = 0;
	while ((got = read(file, bytes + *length, room - *length - 1)) != 0) {
		if (got < 0 && errno == EINTR) continue;
		if (got < 0) break;
		*length += (size_t)got;
		if (*length + 1 == room && (bytes = realloc(bytes, room *= 2)) == NULL) exit(fail("boundary", ENOMEM));
	}
	close(file);
	if (got < 0) {
		free(bytes);
		return NULL;
	}
	bytes[*length] = '\0';
	return bytes;
}

/* The strings of a file in /proc; NULL if it cannot be read, as where /proc hides it. */
static char **read_strings(const char *pid, const char *name, size_t *count)
{
	char path[64];
	size_t length;
	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
	char *bytes = read_whole(path, &length);
	if (bytes == NULL) return NULL;
	char **strings = allocate((length + 1) * sizeof *strings);
	*count = 0;
	for (char *at = bytes; at < bytes + length; at += strlen(at) + 1) strings[(*count)++] = at;
	strings[*count] = NULL;
	return strings;
}

/* Takes over the soft limits of a process: Node has raised some. */
static void take_limits(pid_t pid)
{
	for (int which = 0; which < RLIM_NLIMITS; which++) {
		struct rlimit theirs, limit;
		/* By its number: not every C library shows the function to every program. */
		if (syscall(SYS_prlimit64, pid, which, NULL, &theirs) != 0 || getrlimit(which, &limit) != 0) continue;
		limit.rlim_cur = theirs.rlim_cur;
		setrlimit(which, &limit);
	}
}

static int become_restored(const char *pid, size_t last, char **words)
{
	take_limits((pid_t)atol(pid));
	size_t count = 0, original = 0, entries = 0;
	while (words[count] != NULL) count++;
	char **arguments = last == 0 ? NULL : read_strings(pid, "cmdline", &original);
	if (arguments != NULL && last < count && last < original) {
		memcpy(words + count - last, arguments + original - last, last * sizeof *words);
	}
	/* Otherwise the shell's version of it is used. */
	char **environment = read_strings(pid, "environ", &entries);
	if (environment != NULL) environ = environment;
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

/* Copies `word` to `to`, where it needs no more room, with %xx replaced by the byte. Returns the end, where a NUL is. */
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
 * The words, each without its number: `NUMBER KIND = TEXT`, without blanks, in any order. An emulator (qemu-user) keeps what has the
 * form of variables of different names, and not their order. NULL if any is missing or something else is among them.
 */
static char **in_order(char **entries, size_t count)
{
	char **words = allocate((count + 1) * sizeof *words);
	memset(words, 0, (count + 1) * sizeof *words);
	for (size_t at = 0; at < count; at++) {
		char *kind;
		unsigned long number = strtoul(entries[at], &kind, 10);
		if (kind == entries[at] || number >= count || words[number] != NULL || *kind == '\0' || kind[1] != '=') return NULL;
		words[number] = kind;
	}
	return words;
}

/*
 * The kind of a word tells what it is: `a` an argument, the first being the program; `n` its argv[0] if different; `e` an entry
 * of the environment; `t` an entry to which the terminal's path is appended; `d` the working directory; `+` the continuation of
 * the previous word. In its text %xx stands for a byte. The words are passed as environment, not as arguments, which every user of
 * the host can read. No variable that a C library or loader obeys begins with a digit.
 */
static bool read_words(char **numbered, struct program *program)
{
	size_t count = 0, arguments = 0, entries = 0;
	while (numbered[count] != NULL) count++;
	char **words = in_order(numbered, count);
	if (words == NULL) return false;
	program->arguments = allocate((count + 1) * sizeof(char *));
	program->entries = allocate((count + 1) * sizeof(char *));
	for (size_t at = 0; at < count;) {
		size_t next = at + 1, size = strlen(words[at]) + 1;
		while (next < count && words[next][0] == '+') size += strlen(words[next++]);
		char kind = words[at][0], *device = kind == 't' ? ttyname(0) : NULL;
		char *text = allocate(size + (device == NULL ? 0 : strlen(device))), *end = text;
		for (size_t part = at; part < next; part++) end = decode(end, words[part] + 2);
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

/* Undoes the settings that node-pty adds to the kernel's defaults. */
static void ready_terminal(void)
{
	struct termios terminal;
	if (tcgetattr(0, &terminal) != 0) return;
	terminal.c_iflag &= ~(tcflag_t)(IXANY | IMAXBEL | BRKINT);
	terminal.c_cflag &= ~(tcflag_t)HUPCL;
	terminal.c_cc[VEOL] = terminal.c_cc[VEOL2] = _POSIX_VDISABLE;
	tcsetattr(0, TCSANOW, &terminal);
}

/* `ignored` and `blocked` are bit sets as in /proc. SIGHUP and SIGPIPE are never left ignored: they concern ssh's terminal. */
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

static int become_program(const char *limits, const char *ignored, const char *blocked)
{
	struct program program = {0};
	if (!read_words(environ, &program)) return misused();
	/* A session whose terminal is open here as well would never be hung up. */
	close_from(STDERR_FILENO + 1);
	ready_terminal();
	if (program.directory != NULL && chdir(program.directory) != 0) {
		/* The server has already reported it to the user. */
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

/* Input that nobody reads */

/*
 * A full terminal processes no further input, so a key such as Ctrl-C waits behind the unread input, although the terminal
 * discards exactly that when it processes the key (ISIG without NOFLSH). This discards it first. `after` is how many bytes were
 * written to the terminal after the key: if more than that are unread, the key has not been processed. Negative: it has not even
 * been written.
 */
static int clear_for(long after, char **bytes)
{
	static const int KEYS[] = {VINTR, VQUIT, VSUSP};
	struct termios terminal;
	int unread = 0;
	if (tcgetattr(MASTER_FD, &terminal) != 0 || (terminal.c_lflag & ISIG) == 0 || (terminal.c_lflag & NOFLSH) != 0) return 0;
	for (; *bytes != NULL; bytes++) {
		int byte = atoi(*bytes);
		for (size_t at = 0; at < sizeof KEYS / sizeof *KEYS; at++) {
			if (byte == _POSIX_VDISABLE || terminal.c_cc[KEYS[at]] != byte) continue;
			int device = ioctl(MASTER_FD, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
			if (device < 0 || ioctl(device, FIONREAD, &unread) != 0 || unread <= after) return 0;
			/* What is on its way to the terminal, then what has arrived. */
			return tcflush(MASTER_FD, TCOFLUSH) == 0 && tcflush(device, TCIFLUSH) == 0 ? byte : 0;
		}
	}
	return 0;
}

int main(int count, char **words)
{
	const char *task = count > 1 ? words[1] : "";
	if (strcmp(task, "server") == 0 && count > 2) return become_server(words + 2);
	if (strcmp(task, "program") == 0 && count == 5) return become_program(words[2], words[3], words[4]);
	if (strcmp(task, "restore") == 0 && count > 3) return become_restored(words[2], 0, words + 3);
	if (strcmp(task, "rerun") == 0 && count > 4) return become_restored(words[2], strtoul(words[3], NULL, 10), words + 4);
	if (strcmp(task, "clear") == 0 && count > 3) return clear_for(atol(words[2]), words + 3);
	return misused();
}
