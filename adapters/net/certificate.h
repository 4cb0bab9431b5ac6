/* A certificate and its key, looked at before anybody is shown them. */
#ifndef TENSTEP_ADAPTERS_NET_CERTIFICATE_H
#define TENSTEP_ADAPTERS_NET_CERTIFICATE_H

#include <stdint.h>

#include "bot/base/buf.h"

struct certificate {
	int64_t begins, ends; /* Unix seconds */
};

enum certificate_fault {
	CERTIFICATE_GOOD,
	CERTIFICATE_NONE, /* the first file holds no certificate */
	CERTIFICATE_NO_KEY,
	CERTIFICATE_KEY_LOCKED, /* by a password */
	CERTIFICATE_KEY_OTHER,  /* another certificate's */
};
/* What is wrong with the file, as a sentence goes on behind its name; and what would be right. */
extern const char *const certificate_fault_text[], *const certificate_fault_hint[];

/* Two PEM files: the certificate, its chain behind it, and the key. */
enum certificate_fault certificate_read(
	const char *path, const char *key_path, struct certificate *certificate) MUST_CHECK;

/* Whether it is over, has not begun, or lasts less than a tenth of its time any more: a line about
 * it. */
bool certificate_worries(const struct certificate *certificate, int64_t now, struct buf *line);

#endif
