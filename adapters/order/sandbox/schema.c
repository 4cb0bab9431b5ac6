/* The tables of the demo shop. */
#include "adapters/order/sandbox/shop.h"

enum { SCHEMA_VERSION = 3 };

/* Money is in minor units.  One row of item per unit sold.  Two rules stand here as well as in the
 * code, because breaking them costs money: an order is cancelled once, and no more goes back than
 * was paid. */
static const char schema[] =
	"create table meta(name text primary key, number integer not null) strict, without rowid;"
	"create table buyer(id text primary key, given text not null, family text not null,"
	" email text not null, phone text not null, postcode text not null, city text not null)"
	" strict, without rowid;"
	"create table product(sku text primary key, title text not null, variant text not null,"
	" price integer not null, final_sale integer not null) strict, without rowid;"
	"create table orders(number text primary key, buyer text not null references buyer,"
	" status text not null, created integer not null, paid_with text not null, cod integer not "
	"null,"
	" subtotal integer not null, shipping integer not null, tax integer not null,"
	" total integer not null check (total = subtotal + shipping + tax), paid integer not null,"
	" may_cancel text not null, may_return text not null, seller text not null,"
	" ship_by integer not null, deliver_by integer not null,"
	" paid_at integer, delivered integer, completed integer, cancelled integer,"
	" cancelled_by text, cancel_reason text) strict;"
	"create index orders_of_buyer on orders(buyer, created);"
	"create table item(id text primary key, order_number text not null references orders,"
	" position integer not null, sku text not null references product, price integer not null,"
	" tax integer not null, parcel integer not null) strict;"
	"create index item_of_order on item(order_number, position);"
	"create table parcel(id integer primary key, order_number text not null references orders,"
	" position integer not null, carrier text not null, tracking text not null,"
	" travels integer not null, shipped integer, collected integer, delivered integer) strict;"
	"create index parcel_of_order on parcel(order_number);"
	"create table scan(parcel integer not null references parcel, at integer not null,"
	" text text not null) strict;"
	"create index scan_of_parcel on scan(parcel, at);"
	"create table cancellation(id integer primary key, order_number text not null references "
	"orders,"
	" state text not null, role text not null, reason text not null, note text,"
	" created integer not null, updated integer not null, deadline integer) strict;"
	"create unique index one_cancellation on cancellation(order_number)"
	" where state in ('pending', 'approved', 'complete');"
	"create table returns(id integer primary key, order_number text not null references orders,"
	" state text not null, reason text not null, note text, photos integer not null,"
	" amount integer not null, method text not null, tracking text, created integer not null,"
	" updated integer not null, deadline integer, why text) strict;"
	"create index return_of_order on returns(order_number);"
	"create table return_item(of_return integer not null references returns,"
	" item text not null references item, live integer not null) strict;"
	"create unique index one_return on return_item(item) where live = 1;"
	"create index item_of_return on return_item(of_return);"
	"create table refund(id integer primary key, order_number text not null references orders,"
	" cancellation integer references cancellation, of_return integer references returns,"
	" amount integer not null check (amount > 0), state text not null, requested integer not "
	"null,"
	" approved integer, paid integer, deadline integer, why text) strict;"
	"create index refund_of_order on refund(order_number);"
	"create trigger refund_within_paid after insert on refund"
	" when (select sum(amount) from refund where order_number = new.order_number"
	"  and state <> 'rejected')"
	"  > (select paid from orders where number = new.order_number)"
	" begin select raise(abort, 'a refund above what was paid'); end;"
	"create table due(id integer primary key, at integer not null, what text not null,"
	" order_number text not null, subject integer not null) strict;"
	"create index due_at on due(at, id);"
	"create table notice(id integer primary key autoincrement, at integer not null,"
	" buyer text not null, event text not null, fields blob not null) strict;"
	"create table miss(who text not null, order_number text not null, at integer not null) "
	"strict;"
	"create index miss_at on miss(at);"
	"create table answer(buyer text not null, operation text not null, key text not null,"
	" value blob not null, primary key (buyer, operation, key)) strict, without rowid;";

/* What the seller sees and does, since version 2: who asked for a return and what kind it is, what
 * was done to it, the chat with the buyers. */
static const char seller_schema[] =
	"alter table returns add column type text not null default 'RETURN_AND_REFUND';"
	"alter table returns add column role text not null default 'BUYER';"
	"alter table returns add column keeps integer not null default 0;"
	"alter table returns add column offer integer;"
	"alter table orders add column changed integer;"
	"create table return_step(of_return integer not null references returns, at integer not "
	"null,"
	" state text not null, reason text, note text) strict;"
	"create index step_of_return on return_step(of_return);"
	"create table talk(id integer primary key, buyer text not null unique references buyer,"
	" created integer not null, agent integer not null, seen integer not null) strict;"
	"create table talk_message(id integer primary key, talk integer not null references talk,"
	" type text not null, content text not null, role text not null, created integer not null,"
	" visible integer not null) strict;"
	"create index message_of_talk on talk_message(talk, id);";

/* Single pieces that the seller cancels, since version 3. */
static const char pieces_schema[] =
	"alter table item add column cancellation integer references cancellation;"
	"alter table cancellation add column partial integer not null default 0;"
	"drop index one_cancellation;"
	"create unique index one_cancellation on cancellation(order_number)"
	" where state in ('pending', 'approved', 'complete') and partial = 0;";

/* What each version added to the one before it; the first is the schema itself. */
static const char *const addition[SCHEMA_VERSION] = {schema, seller_schema, pieces_schema};

/* A shop of before goes on as it was. */
static void bring_up(struct sql *sql, int64_t from)
{
	for (int64_t version = from; version < SCHEMA_VERSION; version++)
		sql_script(sql, addition[version]);
	meta_set(sql, "schema", SCHEMA_VERSION);
}

void schema_create(struct sql *sql)
{
	bring_up(sql, 0);
}

bool schema_known(struct sql *sql, struct buf *error)
{
	int64_t version = meta_get(sql, "schema");

	if (version > 0 && version < SCHEMA_VERSION && sql_begin(sql) == SQL_OK) {
		bring_up(sql, version);
		if (sql_commit(sql) == SQL_OK)
			return true;
	}

	if (version == SCHEMA_VERSION)
		return true;
	buf_addf(error, "the shop was made by another tenstep (schema %lld, this one knows %d)",
		(long long)version, SCHEMA_VERSION);
	return false;
}

int64_t meta_get(struct sql *sql, const char *name)
{
	struct sql_query *q = sql_query(sql, "select number from meta where name = ?");

	sql_bind_text(q, str_of(name));
	return sql_number(q);
}

void meta_set(struct sql *sql, const char *name, int64_t number)
{
	struct sql_query *q =
		sql_query(sql, "insert into meta(name, number) values (?, ?)"
			       " on conflict(name) do update set number = excluded.number");

	sql_bind_text(q, str_of(name));
	sql_bind_int(q, number);
	(void)sql_run(q);
}
