/* How what SQLite writes gets to the system: clean, and much at once. */
#ifndef TENSTEP_ADAPTERS_STORE_SQLITE_FILE_H
#define TENSTEP_ADAPTERS_STORE_SQLITE_FILE_H

/* The name under which SQLite knows it; to be asked for before anything else of SQLite is used. */
const char *sqlite_file_system(void);

#endif
