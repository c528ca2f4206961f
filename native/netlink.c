/*
 * A module for Node with one function: asks the kernel over netlink(7), which Node has no sockets for. It knows no message: those are
 * written and read in TypeScript. Each question has a socket of its own, so an answer can belong to no other.
 *
 * The declarations of Node-API that it takes are here, so that compiling requires no headers of Node.
 */

#include <errno.h>
#include <linux/netlink.h>
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
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef void (*napi_async_execute_callback)(napi_env, void *);
typedef void (*napi_async_complete_callback)(napi_env, int, void *);

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
		/* MSG_TRUNC: the length that it would have had. */
		ssize_t got = recv(fd, question->answer + question->answered, MESSAGE, MSG_DONTWAIT | MSG_TRUNC);
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

static int ask(struct question *question)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)question->protocol);
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
	close(fd);
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

/* Called by Node, as documented; what it returns are the module's exports: the function. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env environment, napi_value exports)
{
	napi_value function = NULL;
	return napi_create_function(environment, "ask", sizeof "ask" - 1, ask_kernel, NULL, &function) == 0 ? function : exports;
}
