/* SPDX-License-Identifier: MIT */
/*
 * rooms.c: rooms as rows of occupants.
 *
 * A broadcast walks a row, so a row is an array. Who leaves makes a hole;
 * when half of a row is holes, or when it would have to grow, it is closed
 * up, which keeps the order of joining and costs nothing on average.
 * Selecting from several rooms marks who was met, instead of keeping a set.
 *
 * Always true: a room exists exactly as long as somebody is in it;
 * row.v[seat.place] belongs to that seat.
 */
#include <config.h>

#include <socketio/rooms.h>

#include <engineio/engineio.h>

#include <stdlib.h>

#define OUTSIDE UINT32_MAX

struct sio__room {
	struct sio__row row;
	size_t len;
	char name[];
};

/* So many occupants before its turn one is fetched into the caches. */
#define AHEAD 4

/* -- rows ------------------------------------------------------------------ */

static void row_put(struct sio__row *row, uint32_t at, struct sio__occupant *o,
	uint32_t *place)
{
	row->v[at] = o;
	if (row->has_seats)
		row->places[at] = place;
	*place = at;
}

static void row_close_up(struct sio__row *row)
{
	uint32_t from, to = 0;

	for (from = 0; from < row->n; from++) {
		if (!row->v[from])
			continue;
		row_put(row, to++, row->v[from],
			row->has_seats ? row->places[from]
				       : &row->v[from]->place);
	}
	row->n = to;
	row->holes = 0;
}

static int row_grow(struct sio__row *row)
{
	uint32_t size = row->size ? row->size * 2 : 2;
	struct sio__occupant **v;
	uint32_t **places;

	if (row->size >= OUTSIDE / 2)
		return ENGINEIO_ERR_NOMEM;
	v = realloc(row->v, size * sizeof(*v));
	if (!v)
		return ENGINEIO_ERR_NOMEM;
	row->v = v;
	if (row->has_seats) {
		places = realloc(row->places, size * sizeof(*places));
		if (!places)
			return ENGINEIO_ERR_NOMEM;
		row->places = places;
	}
	row->size = size;
	return 0;
}

static int row_add(struct sio__row *row, struct sio__occupant *o,
	uint32_t *place)
{
	if (row->n == row->size && row->holes > row->n / 4)
		row_close_up(row);
	if (row->n == row->size && row_grow(row) != 0)
		return ENGINEIO_ERR_NOMEM;
	row_put(row, row->n++, o, place);
	return 0;
}

static void row_del(struct sio__row *row, uint32_t place)
{
	row->v[place] = NULL;
	row->holes++;
	if (row->holes > 16 && row->holes > row->n / 2)
		row_close_up(row);
}

static uint32_t row_count(const struct sio__row *row)
{
	return row->n - row->holes;
}

static void row_clear(struct sio__row *row)
{
	bool has_seats = row->has_seats;

	free(row->v);
	free(row->places);
	memset(row, 0, sizeof(*row));
	row->has_seats = has_seats;
}

/* -- entering -------------------------------------------------------------- */

static const char *name_of(const void *room)
{
	return ((const struct sio__room *)room)->name;
}

void sio__rooms_init(struct sio__rooms *rooms, uint64_t seed,
	eio__map_key id_of)
{
	memset(rooms, 0, sizeof(*rooms));
	eio__map_init(&rooms->by_name, seed, name_of);
	eio__map_init(&rooms->by_id, seed, id_of);
}

void sio__rooms_clear(struct sio__rooms *rooms)
{
	eio__map_clear(&rooms->by_name);
	eio__map_clear(&rooms->by_id);
	row_clear(&rooms->everybody);
}

void sio__occupant_init(struct sio__occupant *o)
{
	memset(o, 0, sizeof(*o));
	o->place = OUTSIDE;
}

bool sio__occupant_entered(const struct sio__occupant *o)
{
	return o->place != OUTSIDE;
}

int sio__rooms_enter(struct sio__rooms *rooms, struct sio__occupant *o)
{
	const char *id = rooms->by_id.key_of(o);
	int err = eio__map_put(&rooms->by_id, o, strlen(id));

	if (err)
		return err;
	err = row_add(&rooms->everybody, o, &o->place);
	if (err)
		eio__map_del(&rooms->by_id, id, strlen(id));
	/* Marks may have begun anew while it was outside. */
	o->mark = 0;
	return err;
}

void sio__rooms_exit(struct sio__rooms *rooms, struct sio__occupant *o)
{
	const char *id = rooms->by_id.key_of(o);

	if (!sio__occupant_entered(o))
		return;
	eio__map_del(&rooms->by_id, id, strlen(id));
	row_del(&rooms->everybody, o->place);
	o->place = OUTSIDE;
	if (row_count(&rooms->everybody) == 0)
		row_clear(&rooms->everybody);
}

struct sio__occupant *sio__rooms_find(const struct sio__rooms *rooms,
	const char *id)
{
	return eio__map_get(&rooms->by_id, id, strlen(id));
}

size_t sio__rooms_count(const struct sio__rooms *rooms)
{
	return row_count(&rooms->everybody);
}

size_t sio__rooms_places(const struct sio__rooms *rooms)
{
	return rooms->everybody.n;
}

struct sio__occupant *sio__rooms_at(const struct sio__rooms *rooms, size_t i)
{
	return rooms->everybody.v[i];
}

/* -- what is told of it ---------------------------------------------------- */

static void tell(const struct sio__rooms *rooms, enum sio_room_event what,
	const char *room, struct sio__occupant *o)
{
	if (rooms->changed)
		rooms->changed(rooms->user, what, room, o);
}

/* -- joining --------------------------------------------------------------- */

static struct sio__room *find_room(const struct sio__rooms *rooms,
	const char *name)
{
	return eio__map_get(&rooms->by_name, name, strlen(name));
}

static struct sio__room *make_room(struct sio__rooms *rooms, const char *name)
{
	size_t len = strlen(name);
	struct sio__room *room = calloc(1, sizeof(*room) + len + 1);

	if (!room)
		return NULL;
	memcpy(room->name, name, len + 1);
	room->len = len;
	room->row.has_seats = true;
	if (eio__map_put(&rooms->by_name, room, len) != 0) {
		free(room);
		return NULL;
	}
	return room;
}

static void drop_room(struct sio__rooms *rooms, struct sio__room *room)
{
	eio__map_del(&rooms->by_name, room->name, room->len);
	row_clear(&room->row);
	free(room);
}

/* Where the seat in that room is linked, or where the next one would be. */
static struct sio__seat **find_seat(struct sio__occupant *o,
	const struct sio__room *room)
{
	struct sio__seat **at = &o->seats;

	while (*at && (*at)->room != room)
		at = &(*at)->next;
	return at;
}

int sio__rooms_join(struct sio__rooms *rooms, struct sio__occupant *o,
	const char *name, uint32_t max)
{
	struct sio__room *room = find_room(rooms, name);
	struct sio__seat **at = find_seat(o, room), *seat;
	bool is_new = !room;

	if (room && *at)
		return 0;
	if (o->count >= max)
		return ENGINEIO_ERR_FULL;
	if (!room)
		room = make_room(rooms, name);
	if (!room)
		return ENGINEIO_ERR_NOMEM;
	seat = malloc(sizeof(*seat));
	if (!seat || row_add(&room->row, o, &seat->place) != 0) {
		free(seat);
		if (is_new)
			drop_room(rooms, room);
		return ENGINEIO_ERR_NOMEM;
	}
	seat->room = room;
	seat->next = NULL;
	*at = seat;
	o->count++;
	if (is_new)
		tell(rooms, SIO_ROOM_CREATE, name, NULL);
	tell(rooms, SIO_ROOM_JOIN, name, o);
	return 0;
}

static void leave(struct sio__rooms *rooms, struct sio__occupant *o,
	struct sio__seat **at)
{
	struct sio__seat *seat = *at;

	*at = seat->next;
	o->count--;
	row_del(&seat->room->row, seat->place);
	tell(rooms, SIO_ROOM_LEAVE, seat->room->name, o);
	if (row_count(&seat->room->row) == 0) {
		tell(rooms, SIO_ROOM_DELETE, seat->room->name, NULL);
		drop_room(rooms, seat->room);
	}
	free(seat);
}

void sio__rooms_leave(struct sio__rooms *rooms, struct sio__occupant *o,
	const char *name)
{
	struct sio__room *room = find_room(rooms, name);
	struct sio__seat **at;

	if (!room)
		return;
	at = find_seat(o, room);
	if (*at)
		leave(rooms, o, at);
}

void sio__rooms_leave_all(struct sio__rooms *rooms, struct sio__occupant *o)
{
	while (o->seats)
		leave(rooms, o, &o->seats);
}

bool sio__rooms_is_in(const struct sio__rooms *rooms,
	const struct sio__occupant *o, const char *name)
{
	const struct sio__room *room = find_room(rooms, name);
	const struct sio__seat *seat = o->seats;

	while (room && seat && seat->room != room)
		seat = seat->next;
	return room && seat;
}

const char *sio__seat_name(const struct sio__seat *seat)
{
	return seat->room->name;
}

/* -- selecting ------------------------------------------------------------- */

/* Marks are never reused, except after four billion walks. */
static void next_mark(struct sio__rooms *rooms)
{
	uint32_t i;

	if (++rooms->mark != 0)
		return;
	for (i = 0; i < rooms->everybody.n; i++)
		if (rooms->everybody.v[i])
			rooms->everybody.v[i]->mark = 0;
	rooms->mark = 1;
}

static void mark_room(struct sio__rooms *rooms, const char *name)
{
	const struct sio__room *room = find_room(rooms, name);
	struct sio__occupant *own = sio__rooms_find(rooms, name);
	uint32_t i;

	if (own)
		own->mark = rooms->mark;
	for (i = 0; room && i < room->row.n; i++)
		if (room->row.v[i])
			room->row.v[i]->mark = rooms->mark;
}

void sio__rooms_walk(struct sio__rooms *rooms, struct sio__rooms_walk *walk,
	const struct sio__selection *selection)
{
	size_t i;

	next_mark(rooms);
	for (i = 0; i < selection->except_n; i++)
		mark_room(rooms, selection->except[i]);
	walk->rooms = rooms;
	walk->selection = selection;
	walk->row = selection->to_n > 0 ? NULL : &rooms->everybody;
	walk->own = NULL;
	walk->i = 0;
	walk->next_room = 0;
}

/* Goes on to the next room that has anybody. */
static bool walk_room(struct sio__rooms_walk *walk)
{
	const struct sio__room *room;
	const char *name;

	if (walk->next_room == walk->selection->to_n)
		return false;
	name = walk->selection->to[walk->next_room++];
	room = find_room(walk->rooms, name);
	walk->row = room ? &room->row : NULL;
	walk->own = sio__rooms_find(walk->rooms, name);
	walk->i = 0;
	return true;
}

/* Its turn comes once. */
static bool is_due(struct sio__rooms_walk *walk, struct sio__occupant *o)
{
	if (!o || o->mark == walk->rooms->mark || !sio__occupant_entered(o))
		return false;
	o->mark = walk->rooms->mark;
	return true;
}

struct sio__occupant *sio__rooms_next(struct sio__rooms_walk *walk)
{
	struct sio__occupant *o;

	do {
		o = walk->own;
		walk->own = NULL;
		if (is_due(walk, o))
			return o;
		while (walk->row && walk->i < walk->row->n) {
			if (walk->i + AHEAD < walk->row->n)
				__builtin_prefetch(walk->row->v[walk->i +
					AHEAD]);
			o = walk->row->v[walk->i++];
			if (is_due(walk, o))
				return o;
		}
	} while (walk_room(walk));
	return NULL;
}
