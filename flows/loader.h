/* Inside the reader of flow files: what its parts share. */
#ifndef TENSTEP_FLOWS_LOADER_H
#define TENSTEP_FLOWS_LOADER_H

#include "flows/expr.h"
#include "flows/flow_load.h"
#include "flows/template.h"

/* The proof over the graph keeps a bit for each slot (flow_proof.c). */
enum { max_slots = 60, max_steps = 1000, max_names = 64 };

struct loader {
	const struct json_doc *doc;
	struct arena *arena;
	struct diags *diags;
	struct flow *flow;
	struct slot *slot;
	struct step *step;
	struct target **target; /* those that are steps: looked up at the end */
	size_t n_targets;
	const struct json **said; /* texts of reactions that may be meant as targets */
	size_t n_said;
};

#define wrong(l, node, code, hint, ...)                                                            \
	json_error((l)->diags, (l)->doc, (node), (code), (hint), __VA_ARGS__)
#define wrong_key(l, node, code, hint, ...)                                                        \
	json_error_key((l)->diags, (l)->doc, (node), (code), (hint), __VA_ARGS__)

#define name_rule "letters a to z, digits and _, beginning with a letter"

/* Each reader says what is wrong with its node and returns something harmless then. */
bool is_one_of(struct str word, const char *const *words, size_t n);
bool is_reserved_target(struct str word);
bool want(struct loader *l, const struct json *node, enum json_type type);
struct str nearest_of(struct loader *l, struct str name, const char *const *words, size_t n);
struct str nearest_or_all(struct loader *l, struct str name, const char *const *words, size_t n);
void check_keys(struct loader *l, const struct json *object, const char *const *known, size_t n);
int read_word(struct loader *l, const struct json *node, const char *const *words, size_t n);
bool read_bool(struct loader *l, const struct json *node);
struct str read_text(struct loader *l, const struct json *node);
struct str read_name(struct loader *l, const struct json *node, bool flow);
/* At most a year: what is longer is a slip. */
#define max_time_ms (366 * 86400000ll)
#define time_hint "as in 8s, 15m, 2h, 3d or 1h30m, and at most 366d"
bool time_is_good(struct str text, int64_t *ms);
int64_t read_duration(struct loader *l, const struct json *node);
const struct template *read_template(struct loader *l, const struct json *node);
const struct expr *read_expr(struct loader *l, const struct json *node);
const struct binding *read_bindings(struct loader *l, const struct json *node, size_t *n);
void read_target(struct loader *l, const struct json *node, struct target *target);
void read_with(struct loader *l, const struct json *with, struct target *target);
#define CHECK_KEYS(l, object, ...)                                                                 \
	do {                                                                                       \
		static const char *const known_[] = {__VA_ARGS__};                                 \
		check_keys((l), (object), known_, sizeof(known_) / sizeof(*known_));               \
	} while (0)

/* load_on.c, load_step.c */
void read_on(struct loader *l, const struct json *node, struct step *step);
void read_steps(struct loader *l, const struct json *node);

#endif
