/* SPDX-License-Identifier: MIT */
/*
 * rooms.h: who is in which room of a namespace, both ways.
 *
 * An occupant is a socket, as far as rooms are concerned. Entering makes it
 * part of the namespace: it can be found by its id, which is also the name
 * of a room of its own that costs nothing. It may join rooms before it has
 * entered and stay in them after it has left; a walk meets only those who
 * have entered. Pure.
 */
#ifndef SOCKETIO_ROOMS_H
#define SOCKETIO_ROOMS_H

#include <engineio/base/map.h>

#include <socketio/socketio.h>
#include <socketio/span.h>

#include <stdint.h>

struct sio__room;
struct sio__occupant;

/* One place in one room. */
struct sio__seat {
	struct sio__room *room;
	struct sio__seat *next; /* of the same occupant, in order of joining */
	uint32_t place;
};

struct sio__occupant {
	uint32_t mark;  /* the last walk that was done with it */
	uint32_t place; /* among all who entered; UINT32_MAX: has not */
	uint32_t count; /* of seats */
	struct sio__seat *seats;
};

/* Occupants in the order they came, with holes (NULL) where some have left.
 * What a broadcast walks is a pointer for each. */
struct sio__row {
	struct sio__occupant **v;
	uint32_t **places; /* where each one's place is kept, if in seats */
	uint32_t n, size, holes;
	bool has_seats; /* of a room; else the places are the occupants' own */
};

struct sio__rooms {
	struct eio__map by_name; /* struct sio__room */
	struct eio__map by_id;   /* struct sio__occupant */
	struct sio__row everybody;
	uint32_t mark;
	/* Told of every change at once; NULL: nobody is. The occupant is who
	 * joins or leaves, NULL for a room that comes or goes. */
	void (*changed)(void *user, enum sio_room_event what, const char *room,
		struct sio__occupant *o);
	void *user;
};

/* id_of: the id of an occupant. */
void sio__rooms_init(struct sio__rooms *rooms, uint64_t seed,
	eio__map_key id_of);
/* Everybody must have left. */
void sio__rooms_clear(struct sio__rooms *rooms);

void sio__occupant_init(struct sio__occupant *o);
/* Its id is unchanged until sio__rooms_exit(). 0 or ENGINEIO_ERR_NOMEM. */
int sio__rooms_enter(struct sio__rooms *rooms, struct sio__occupant *o);
/* Keeps the rooms it joined; idempotent. */
void sio__rooms_exit(struct sio__rooms *rooms, struct sio__occupant *o);
bool sio__occupant_entered(const struct sio__occupant *o);
/* Who has entered with this id; NULL if nobody. */
struct sio__occupant *sio__rooms_find(const struct sio__rooms *rooms,
	const char *id);
/* How many have entered, and the i-th place among them: NULL for a hole;
 * i counts up to sio__rooms_places(). */
size_t sio__rooms_count(const struct sio__rooms *rooms);
size_t sio__rooms_places(const struct sio__rooms *rooms);
struct sio__occupant *sio__rooms_at(const struct sio__rooms *rooms, size_t i);

/* 0 (also if it was in), ENGINEIO_ERR_NOMEM, or ENGINEIO_ERR_FULL: it has
 * `max` rooms. */
int sio__rooms_join(struct sio__rooms *rooms, struct sio__occupant *o,
	const char *name, uint32_t max);
void sio__rooms_leave(struct sio__rooms *rooms, struct sio__occupant *o,
	const char *name);
void sio__rooms_leave_all(struct sio__rooms *rooms, struct sio__occupant *o);
bool sio__rooms_is_in(const struct sio__rooms *rooms,
	const struct sio__occupant *o, const char *name);
const char *sio__seat_name(const struct sio__seat *seat);

/* The union of the rooms `to`, or everybody if there are none, without the
 * members of the rooms `except`. */
struct sio__selection {
	const char *const *to, *const *except;
	size_t to_n, except_n;
};

/* Nobody may enter, exit, join or leave during a walk. */
struct sio__rooms_walk {
	struct sio__rooms *rooms;
	const struct sio__selection *selection;
	const struct sio__row *row;
	struct sio__occupant *own; /* whose id is the room's name */
	uint32_t i;
	size_t next_room;
};

void sio__rooms_walk(struct sio__rooms *rooms, struct sio__rooms_walk *walk,
	const struct sio__selection *selection);
/* Each occupant once, in order of the rooms and of joining; NULL behind the
 * last. */
struct sio__occupant *sio__rooms_next(struct sio__rooms_walk *walk);

#endif
