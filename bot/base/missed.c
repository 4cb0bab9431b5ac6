/* What is missed in many places. */
#include "bot/base/missed.h"

#include <string.h>

struct missed_name {
	const char *kind;
	struct str name;
	size_t finding; /* its number among the findings */
	unsigned others;
};

bool missed_before(struct missed *missed, const char *kind, struct str name)
{
	for (size_t i = 0; i < missed->n; i++) {
		struct missed_name *m = &missed->name[i];

		if (strcmp(m->kind, kind) != 0 || !str_eq(m->name, name))
			continue;
		m->others++;
		return true;
	}
	missed->name =
		arena_grow(missed->diags->arena, missed->name, missed->n, struct missed_name);
	missed->name[missed->n++] = (struct missed_name){kind, name, missed->diags->n, 0};
	return false;
}

void missed_end(struct missed *missed)
{
	for (size_t i = 0; i < missed->n; i++) {
		const struct missed_name *m = &missed->name[i];
		struct diag *diag;

		if (!m->others || m->finding >= missed->diags->n)
			continue;
		diag = &missed->diags->item[m->finding];
		diag->message =
			arena_printf(missed->diags->arena, "%.*s, here and in %u other place%s",
				STR(diag->message), m->others, m->others == 1 ? "" : "s");
	}
	missed->n = 0;
	missed->name = NULL;
}
