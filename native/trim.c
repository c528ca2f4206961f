/*
 * A module for Node with one function: gives the pages of free memory back that the C library keeps. By itself it gives back
 * only what lies at the end of its heap, where something in use always is.
 *
 * The four declarations of Node-API that it takes are here, so that compiling requires no headers of Node.
 */

#include <malloc.h>
#include <stddef.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);

static napi_value trim(napi_env environment, napi_callback_info call)
{
	(void)environment;
	(void)call;
#ifdef __GLIBC__
	/* Without a rest at the end. */
	malloc_trim(0);
#endif
	return NULL;
}

/* Called by Node, as documented; what it returns are the module's exports: the function. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env environment, napi_value exports)
{
	napi_value function = NULL;
	return napi_create_function(environment, "trim", sizeof "trim" - 1, trim, NULL, &function) == 0 ? function : exports;
}
