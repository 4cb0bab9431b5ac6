/* The journal's own files.  What turns add is appended here and waited for, and nothing else: no
 * index, no page that is written twice.  Two files take turns, STORE-turns1 and STORE-turns2: when
 * all that is in one stands in the tables too, it is written anew from its beginning, in the blocks
 * that it has already, so that waiting for the disk means waiting for these bytes only.
 *
 * A record is all that one commit added: a head (magic word, hash, length, number of rows, seq of
 * the last row) and the rows, each {length of name, length of bytes, name, bytes}; numbers are in
 * the machine's order.  seq grows from record to record; what follows the newest record in a file
 * that is written anew is older and is told by that, what a crash left half written by its hash
 * (XXH3, 64 bits, https://xxhash.com; seeded with the store's own key, so that nobody can write in
 * a message what would be taken for a record).  A record that is damaged while newer ones follow
 * is no end but an error.
 *
 * Like SQLite's log this relies on a write not damaging the bytes beside it, in a power cut either
 * (https://www.sqlite.org/psow.html). */
#ifndef TENSTEP_ADAPTERS_STORE_JOURNAL_FILE_H
#define TENSTEP_ADAPTERS_STORE_JOURNAL_FILE_H

#include "adapters/store/sqlite/sqlite.h"

struct journal_file;

/* @path is the store's; nothing is made before the first append. */
struct journal_file *journal_file_new(const char *path, uint64_t key) MUST_CHECK;
void journal_file_free(struct journal_file *file); /* the files stay; NULL is fine */

/* Reads what is there, rows with a seq up to @folded left out, in their order; the slices live
 * during the call.  To be called once, before anything is appended.  SQL_BROKEN: it is damaged, or
 * cannot be read. */
typedef void journal_file_function(void *self, int64_t seq, struct str name, struct str bytes);
enum sql_status journal_file_read(struct journal_file *file, int64_t folded,
	journal_file_function *each, void *self) MUST_CHECK;

/* One record: begun, filled with rows, appended; it is on the disk when SQL_OK is returned, and
 * else it is not there.  @last_seq: of its last row, above all before it.  Appending may be done in
 * another thread; nothing is called meanwhile but what concerns the file that was put aside. */
void journal_file_begin(struct journal_file *file);
void journal_file_add(struct journal_file *file, struct str name, struct str bytes);
enum sql_status journal_file_append(struct journal_file *file, int64_t last_seq) MUST_CHECK;

/* Whether no record that failed will be found after a power cut; tries to make it so.  Else nothing
 * may be written elsewhere that has its numbers: another record takes its place. */
bool journal_file_is_sure(struct journal_file *file) MUST_CHECK;

/* The file in use is put aside and the other begun, which must hold nothing that counts; it is
 * sure. */
void journal_file_turn(struct journal_file *file);
/* Bytes of records in the one in use. */
int64_t journal_file_length(const struct journal_file *file);
/* The newest seq in the one that was put aside; 0: there is none. */
int64_t journal_file_aside(const struct journal_file *file);
/* The oldest seq in either; INT64_MAX: there is none. */
int64_t journal_file_first(const struct journal_file *file);
/* A record is to be appended whose first row is @seq; to be told before that, by whoever asks for
 * the oldest while another thread appends. */
void journal_file_expect(struct journal_file *file, int64_t seq);
/* The oldest seq of which there may be bytes in either, also behind the end of one that is written
 * anew, or of a record that failed; INT64_MAX: there is none. */
int64_t journal_file_oldest(const struct journal_file *file);
/* The same of the one that is not in use. */
int64_t journal_file_oldest_aside(const struct journal_file *file);
/* All of what was put aside is in the tables, and durably: it may be written anew. */
void journal_file_drop_aside(struct journal_file *file);
/* The same, and it is removed; after 0 no power cut brings it back.  errno.  May be done in another
 * thread. */
int journal_file_remove_aside(struct journal_file *file) MUST_CHECK;
/* Everything is: both are removed, and after SQL_OK no power cut brings them back. */
enum sql_status journal_file_remove(struct journal_file *file) MUST_CHECK;

/* There are two, 0 and 1: which is in use, and whether it is there to be appended to. */
unsigned journal_file_in_use(const struct journal_file *file);
bool journal_file_is_made(const struct journal_file *file);
/* Makes it, if it is not, so that no power cut takes it away. */
enum sql_status journal_file_make(struct journal_file *file) MUST_CHECK;
/* Of a store's @path: whether that one is not there; its name. */
bool journal_file_is_missing(const char *path, unsigned which, struct buf *name) MUST_CHECK;

/* Whether those that are open are still where they were opened. */
bool journal_file_is_in_place(const struct journal_file *file) MUST_CHECK;
/* Of a store's @path: whether one of them is there and has ever held something; its name. */
bool journal_file_is_left(const char *path, struct buf *name) MUST_CHECK;

int64_t journal_file_bytes(const struct journal_file *file);     /* on the disk */
const char *journal_file_error(const struct journal_file *file); /* why it went wrong last */

#endif
