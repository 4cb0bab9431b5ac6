/* The store's tables, and how an older file becomes a newer one. */
#ifndef TENSTEP_ADAPTERS_STORE_MIGRATIONS_H
#define TENSTEP_ADAPTERS_STORE_MIGRATIONS_H

#include "adapters/store/sqlite/sqlite.h"

/* Brings the file up to date in one transaction.  A file of a newer program is refused, untouched.
 */
enum sql_status migrations_apply(struct sql *sql, struct buf *error) MUST_CHECK;

#endif
