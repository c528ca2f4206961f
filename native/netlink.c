/*
 * A module for Node with two functions: asks the kernel over netlink(7), which Node has no sockets for, and hears what the kernel tells
 * by itself. It knows no message: those are written and read in TypeScript. A socket is asked one question at a time, and the next
 * one only where all of the answer was taken, so an answer can belong to no other.
 *
 * The declarations of Node-API and libuv that it takes are here, so that compiling requires no headers of Node.
 */

#include <errno.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef struct napi_deferred__ *napi_deferred;
typedef struct napi_async_work__ *napi_async_work;
typedef struct napi_ref__ *napi_ref;
typedef struct napi_handle_scope__ *napi_handle_scope;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef void (*napi_async_execute_callback)(napi_env, void *);
typedef void (*napi_async_complete_callback)(napi_env, int, void *);
typedef void (*napi_finalize)(napi_env, void *, void *);

extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern int napi_get_value_uint32(napi_env, napi_value, uint32_t *);
extern int napi_get_buffer_info(napi_env, napi_value, void **, size_t *);
extern int napi_create_string_utf8(napi_env, const char *, size_t, napi_value *);
extern int napi_create_int32(napi_env, int32_t, napi_value *);
extern int napi_create_buffer_copy(napi_env, size_t, const void *, void **, napi_value *);
extern int napi_create_promise(napi_env, napi_deferred *, napi_value *);
extern int napi_resolve_deferred(napi_env, napi_deferred, napi_value);
extern int napi_throw_error(napi_env, const char *, const char *);
extern int napi_create_async_work(napi_env, napi_value, napi_value, napi_async_execute_callback,
				  napi_async_complete_callback, void *, napi_async_work *);
extern int napi_queue_async_work(napi_env, napi_async_work);
extern int napi_delete_async_work(napi_env, napi_async_work);
extern int napi_typeof(napi_env, napi_value, int *);
extern int napi_get_value_bool(napi_env, napi_value, bool *);
extern int napi_get_boolean(napi_env, bool, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern int napi_create_reference(napi_env, napi_value, uint32_t, napi_ref *);
extern int napi_delete_reference(napi_env, napi_ref);
extern int napi_get_reference_value(napi_env, napi_ref, napi_value *);
extern int napi_add_finalizer(napi_env, napi_value, void *, napi_finalize, void *, napi_ref *);
extern int napi_open_handle_scope(napi_env, napi_handle_scope *);
extern int napi_close_handle_scope(napi_env, napi_handle_scope);
extern int napi_make_callback(napi_env, void *, napi_value, napi_value, size_t, const napi_value *, napi_value *);
extern int napi_get_and_clear_last_exception(napi_env, napi_value *);
extern int napi_fatal_exception(napi_env, napi_value);
extern int napi_add_env_cleanup_hook(napi_env, void (*)(void *), void *);
extern int napi_remove_env_cleanup_hook(napi_env, void (*)(void *), void *);
extern int napi_get_uv_event_loop(napi_env, void **);

/* libuv's handle has the size that it says, and is only touched by its functions. */
extern size_t uv_handle_size(int);
extern int uv_poll_init(void *, void *, int);
extern int uv_poll_start(void *, int, void (*)(void *, int, int));
extern int uv_poll_stop(void *);
extern void uv_close(void *, void (*)(void *));
extern void uv_unref(void *);
extern void *uv_handle_get_data(const void *);
extern void uv_handle_set_data(void *, void *);

enum { NAPI_FUNCTION = 7, NAPI_PENDING_EXCEPTION = 10, UV_POLL = 8, UV_READABLE = 1 };

/* The most that the kernel puts into one message of a list. */
#define MESSAGE 32768
/* An answer that is longer is refused: 100,000 sockets take half of it. */
#define LONGEST (32u << 20)

struct question {
	napi_deferred deferred;
	napi_async_work work;
	uint32_t protocol;
	/* Sent `step` bytes at a time, each answered before the next. */
	char *request;
	size_t length, step;
	/* Out: what the kernel said, or an error number. */
	char *answer;
	size_t answered, room;
	int error;
};

/* All that has come; 0 or an error number. The kernel answers within `send`, and lists on within `recv`: nothing is waited for. */
static int take_answer(struct question *question, int fd)
{
	for (;;) {
		if (question->room - question->answered < MESSAGE) {
			size_t room = question->room == 0 ? 2 * MESSAGE : 2 * question->room;
			char *larger = room > LONGEST ? NULL : realloc(question->answer, room);
			if (larger == NULL)
				return EMSGSIZE;
			question->answer = larger;
			question->room = room;
		}
		struct sockaddr_nl from = { .nl_pid = 0 };
		socklen_t size = sizeof from;
		/* MSG_TRUNC: the length that it would have had. */
		ssize_t got = recvfrom(fd, question->answer + question->answered, MESSAGE, MSG_DONTWAIT | MSG_TRUNC,
				       (struct sockaddr *)&from, &size);
		if (got >= 0 && from.nl_pid != 0)
			return EPROTO;
		if (got > MESSAGE)
			return EMSGSIZE;
		if (got >= 0)
			question->answered += (size_t)got;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return errno;
	}
}

/*
 * A socket of each protocol for the next question, plus one; 0 while there is none. To close one after a change of nf_tables takes the
 * kernel some 10 ms, and whoever waits for the answer would wait for that.
 */
static atomic_int kept[MAX_LINKS];

static int take_socket(uint32_t protocol)
{
	int fd = protocol < MAX_LINKS ? atomic_exchange(&kept[protocol], 0) - 1 : -1;
	char any;
	if (fd >= 0 && recv(fd, &any, sizeof any, MSG_DONTWAIT) < 0 && errno == EAGAIN)
		return fd;
	/* Something that belongs to no question is left in it. */
	if (fd >= 0)
		close(fd);
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)protocol);
}

static void leave_socket(uint32_t protocol, int fd, int error)
{
	int none = 0;
	if (error != 0 || protocol >= MAX_LINKS || !atomic_compare_exchange_strong(&kept[protocol], &none, fd + 1))
		close(fd);
}

static int ask(struct question *question)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = take_socket(question->protocol);
	if (fd < 0)
		return errno;
	int error = 0;
	for (size_t sent = 0; sent < question->length && error == 0; sent += question->step) {
		size_t left = question->length - sent, size = left < question->step ? left : question->step;
		ssize_t done;
		do
			done = sendto(fd, question->request + sent, size, 0, (const struct sockaddr *)&kernel, sizeof kernel);
		while (done < 0 && errno == EINTR);
		error = done < 0 ? errno : take_answer(question, fd);
	}
	leave_socket(question->protocol, fd, error);
	return error;
}

/* On a thread of Node's pool: a transaction of somebody else's may keep the kernel from answering for long. */
static void execute(napi_env environment, void *data)
{
	(void)environment;
	struct question *question = data;
	question->error = ask(question);
}

static void release(struct question *question)
{
	free(question->request);
	free(question->answer);
	free(question);
}

static void complete(napi_env environment, int status, void *data)
{
	struct question *question = data;
	napi_value result = NULL;
	if (status != 0)
		question->error = ECANCELED;
	if (question->error != 0 ||
	    napi_create_buffer_copy(environment, question->answered, question->answer, NULL, &result) != 0)
		napi_create_int32(environment, question->error != 0 ? question->error : ENOMEM, &result);
	napi_resolve_deferred(environment, question->deferred, result);
	napi_delete_async_work(environment, question->work);
	release(question);
}

/* ask(protocol, request, step): a promise of all bytes of the answer, or of an error number. */
static napi_value ask_kernel(napi_env environment, napi_callback_info call)
{
	napi_value arguments[3], promise = NULL, name = NULL;
	size_t count = 3;
	void *request;
	uint32_t step;
	struct question *question = calloc(1, sizeof *question);
	if (question == NULL)
		goto failed;
	if (napi_get_cb_info(environment, call, &count, arguments, NULL, NULL) != 0 || count != 3 ||
	    napi_get_value_uint32(environment, arguments[0], &question->protocol) != 0 ||
	    napi_get_buffer_info(environment, arguments[1], &request, &question->length) != 0 ||
	    napi_get_value_uint32(environment, arguments[2], &step) != 0 || step == 0 || question->length == 0)
		goto failed;
	question->step = step;
	question->request = malloc(question->length);
	if (question->request == NULL)
		goto failed;
	memcpy(question->request, request, question->length);
	if (napi_create_string_utf8(environment, "netlink", sizeof "netlink" - 1, &name) != 0 ||
	    napi_create_promise(environment, &question->deferred, &promise) != 0 ||
	    napi_create_async_work(environment, NULL, name, execute, complete, question, &question->work) != 0)
		goto failed;
	if (napi_queue_async_work(environment, question->work) == 0)
		return promise;
	napi_delete_async_work(environment, question->work);
failed:
	if (question != NULL)
		release(question);
	napi_throw_error(environment, NULL, "ask(protocol, request, step)");
	return NULL;
}

/* What is read at a time, at most; it is read on as long as there is room for one more message. */
#define BATCH (2 * MESSAGE)

/* Belongs to the function that controls it, which is kept as long as it listens. */
struct listener {
	napi_env environment;
	napi_ref control, callback;
	int fd;
	/* libuv's; NULL when it has ended. */
	void *poll;
};

/* Also at the end of the environment. */
static void end_listening(void *data)
{
	struct listener *listener = data;
	if (listener->poll == NULL)
		return;
	uv_close(listener->poll, free);
	listener->poll = NULL;
	close(listener->fd);
	napi_remove_env_cleanup_hook(listener->environment, end_listening, listener);
	napi_delete_reference(listener->environment, listener->callback);
	napi_delete_reference(listener->environment, listener->control);
}

static void forget_listener(napi_env environment, void *data, void *hint)
{
	(void)environment;
	(void)hint;
	free(data);
}

/* What the kernel itself has told. Returns its length. */
static size_t take_batch(int fd, char batch[BATCH], bool *lost)
{
	size_t length = 0;
	while (BATCH - length >= MESSAGE) {
		struct sockaddr_nl from = { .nl_pid = 0 };
		socklen_t size = sizeof from;
		ssize_t got = recvfrom(fd, batch + length, MESSAGE, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &size);
		if (got >= 0 && from.nl_pid != 0)
			continue;
		if (got > MESSAGE)
			*lost = true;
		else if (got >= 0)
			length += (size_t)got;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR) {
			*lost = true;
			/* This one is said once, and what the kernel had room for follows. */
			if (errno != ENOBUFS)
				break;
		}
	}
	return length;
}

/* The next messages are read when they are asked for: whoever hears them sets the pace, and the kernel drops what it has no room for. */
static void hear(void *poll, int status, int events)
{
	(void)events;
	struct listener *listener = uv_handle_get_data(poll);
	napi_env environment = listener->environment;
	char batch[BATCH];
	bool lost = status != 0;
	napi_handle_scope scope;
	napi_value control, callback, arguments[2], thrown;
	uv_poll_stop(poll);
	size_t length = take_batch(listener->fd, batch, &lost);
	if (napi_open_handle_scope(environment, &scope) != 0)
		return;
	if (napi_get_reference_value(environment, listener->control, &control) == 0 &&
	    napi_get_reference_value(environment, listener->callback, &callback) == 0 &&
	    napi_create_buffer_copy(environment, length, batch, NULL, &arguments[0]) == 0 &&
	    napi_get_boolean(environment, lost, &arguments[1]) == 0 &&
	    napi_make_callback(environment, NULL, control, callback, 2, arguments, NULL) == NAPI_PENDING_EXCEPTION &&
	    napi_get_and_clear_last_exception(environment, &thrown) == 0)
		napi_fatal_exception(environment, thrown);
	napi_close_handle_scope(environment, scope);
}

static napi_value control_listener(napi_env environment, napi_callback_info call)
{
	napi_value argument;
	size_t count = 1;
	bool goes_on = false;
	void *data;
	if (napi_get_cb_info(environment, call, &count, &argument, NULL, &data) != 0)
		return NULL;
	struct listener *listener = data;
	if (count != 1 || napi_get_value_bool(environment, argument, &goes_on) != 0 || !goes_on)
		end_listening(listener);
	else if (listener->poll != NULL)
		uv_poll_start(listener->poll, UV_READABLE, hear);
	return NULL;
}

/*
 * A socket that is a member of these groups, or minus an error number. Bound, or it would hear nothing; to a number of its own: that of
 * the process is the one that sockets of questions have, one after the other, whose answers are compared by their bytes.
 */
static int join_groups(uint32_t protocol, const char *groups, size_t length)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)protocol), failed;
	if (fd < 0)
		return -errno;
	do {
		address.nl_pid--;
		failed = bind(fd, (const struct sockaddr *)&address, sizeof address);
	} while (failed != 0 && errno == EADDRINUSE);
	for (size_t at = 0; at < length && failed == 0; at += sizeof(uint32_t))
		failed = setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups + at, sizeof(uint32_t));
	if (failed == 0)
		return fd;
	int error = errno;
	close(fd);
	return -error;
}

/*
 * listen(protocol, groups, callback): hears what the kernel tells these groups, numbers of 32 bits. Returns a function, or an error
 * number. Called with true, the function hears the next messages, once; with false, none any more. The callback is given the messages,
 * and whether there were more, which are lost. It does not keep the process alive.
 */
static napi_value listen_to_kernel(napi_env environment, napi_callback_info call)
{
	napi_value arguments[3], control = NULL;
	size_t count = 3, length;
	uint32_t protocol;
	void *groups, *loop;
	int type;
	if (napi_get_cb_info(environment, call, &count, arguments, NULL, NULL) != 0 || count != 3 ||
	    napi_get_value_uint32(environment, arguments[0], &protocol) != 0 ||
	    napi_get_buffer_info(environment, arguments[1], &groups, &length) != 0 || length % sizeof(uint32_t) != 0 ||
	    napi_typeof(environment, arguments[2], &type) != 0 || type != NAPI_FUNCTION) {
		napi_throw_error(environment, NULL, "listen(protocol, groups, callback)");
		return NULL;
	}
	struct listener *listener = calloc(1, sizeof *listener);
	void *poll = malloc(uv_handle_size(UV_POLL));
	int fd = join_groups(protocol, groups, length);
	if (fd < 0 || listener == NULL || poll == NULL || napi_get_uv_event_loop(environment, &loop) != 0 ||
	    uv_poll_init(loop, poll, fd) != 0) {
		napi_create_int32(environment, fd < 0 ? -fd : ENOMEM, &control);
		if (fd >= 0)
			close(fd);
		free(poll);
		free(listener);
		return control;
	}
	*listener = (struct listener){ .environment = environment, .fd = fd, .poll = poll };
	uv_handle_set_data(poll, listener);
	uv_unref(poll);
	if (napi_create_function(environment, "control", sizeof "control" - 1, control_listener, listener, &control) == 0 &&
	    napi_add_finalizer(environment, control, listener, forget_listener, NULL, NULL) == 0 &&
	    napi_create_reference(environment, control, 1, &listener->control) == 0 &&
	    napi_create_reference(environment, arguments[2], 1, &listener->callback) == 0 &&
	    napi_add_env_cleanup_hook(environment, end_listening, listener) == 0)
		return control;
	end_listening(listener);
	napi_throw_error(environment, NULL, "no memory to listen");
	return NULL;
}

/* Called by Node, as documented; what it returns are the module's exports. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env environment, napi_value exports)
{
	static const struct { const char *name; napi_callback function; } functions[] = {
		{ "ask", ask_kernel },
		{ "listen", listen_to_kernel },
	};
	for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
		const char *name = functions[index].name;
		napi_value function = NULL;
		if (napi_create_function(environment, name, strlen(name), functions[index].function, NULL, &function) == 0)
			napi_set_named_property(environment, exports, name, function);
	}
	return exports;
}
