// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loads and stores through other ways than plain memory, and atomic ones. */
#include "sim/op_priv.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

/*
 * Each way is a function from region and address to the byte at host, NULL if the access needs
 * op_slow_mem(), which says what is wrong, or finds another region and then another way.
 */
static inline uint8_t *way_element(const struct region *rg, uint64_t addr, unsigned int k,
				   bool write)
{
	uint64_t at = addr - rg->base;

	if (unlikely(at >= (write ? rg->wspan : rg->rspan) ||
		     (at & rg->mask) + (UINT64_C(1) << k) > rg->len))
		return NULL;
	return region_host(rg, at);
}

/* Aligned as REGION_ALIGN wants it, so the bits of an access are in one byte. */
static inline uint8_t *way_init(const struct region *rg, uint64_t addr, unsigned int k, bool write)
{
	/* One limit for both: calls change it. */
	uint8_t *p = way_element(rg, addr, k, false), *init;
	uint64_t at = addr - rg->base, in = at & rg->mask;
	uint8_t bits = (uint8_t)(((1u << (1u << k)) - 1) << (in & 7));

	if (unlikely(!p || in & ((1u << k) - 1)))
		return NULL;
	init = rg->init + (at >> rg->shift) * rg->init_stride + (in >> 3);
	if (write)
		*init |= bits;
	else if (unlikely((*init & bits) != bits))
		return NULL;
	return p;
}

static inline uint8_t *way_field(const struct region *rg, uint64_t addr, unsigned int k, bool write)
{
	uint64_t at = addr - rg->base;

	if (unlikely(at >= (write ? rg->wspan : rg->rspan) ||
		     !(rg->fields[at] >> (write ? k + 4 : k) & 1)))
		return NULL;
	return rg->host + at;
}

#define LOAD_WAY(way, name, type, k)                                                               \
	static op_ret load_##name##_##way(OP_ARGS)                                                 \
	{                                                                                          \
		const uint8_t *p = way_##way(op->region, *op->src + (uint64_t)op->off, k, false);  \
		type v;                                                                            \
                                                                                                   \
		if (unlikely(!p))                                                                  \
			OP_TAIL(op_slow_mem, op);                                                  \
		memcpy(&v, p, sizeof(v));                                                          \
		*op->dst = (uint64_t)v;                                                            \
		OP_NEXT(1);                                                                        \
	}
#define STORE_WAY(way, name, type, k)                                                              \
	static op_ret store_##name##_##way(OP_ARGS)                                                \
	{                                                                                          \
		uint8_t *p = way_##way(op->region, *op->dst + (uint64_t)op->off, k, true);         \
		type v = (type)*op->src;                                                           \
                                                                                                   \
		if (unlikely(!p))                                                                  \
			OP_TAIL(op_slow_mem, op);                                                  \
		memcpy(p, &v, sizeof(v));                                                          \
		OP_NEXT(1);                                                                        \
	}
#define WAYS(name, type, k)                                                                        \
	LOAD_WAY(element, name, type, k)                                                           \
	LOAD_WAY(init, name, type, k)                                                              \
	LOAD_WAY(field, name, type, k)                                                             \
	STORE_WAY(element, name, type, k)                                                          \
	STORE_WAY(init, name, type, k)                                                             \
	STORE_WAY(field, name, type, k)
#define WAYS_S(name, type, k)                                                                      \
	LOAD_WAY(element, s##name, type, k)                                                        \
	LOAD_WAY(init, s##name, type, k)                                                           \
	LOAD_WAY(field, s##name, type, k)
MEM_OPS(WAYS)
LDS_OPS(WAYS_S)

#define ROW(way, what, name) [WAY_##way] = what##_##name
#define LOAD_ROW(name, type, k)                                                                    \
	[k] = { [WAY_ELEMENT] = load_##name##_element,                                             \
		[WAY_INIT] = load_##name##_init,                                                   \
		[WAY_FIELD] = load_##name##_field },
#define LDS_ROW(name, type, k)                                                                     \
	[4 + (k)] = { [WAY_ELEMENT] = load_s##name##_element,                                      \
		      [WAY_INIT] = load_s##name##_init,                                            \
		      [WAY_FIELD] = load_s##name##_field },
#define STORE_ROW(name, type, k)                                                                   \
	[k] = { [WAY_ELEMENT] = store_##name##_element,                                            \
		[WAY_INIT] = store_##name##_init,                                                  \
		[WAY_FIELD] = store_##name##_field },
op_fn *const op_load_ways[7][OP_WAYS] = { MEM_OPS(LOAD_ROW) LDS_OPS(LDS_ROW) };
op_fn *const op_store_ways[4][OP_WAYS] = { MEM_OPS(STORE_ROW) };

/*
 * Where an atomic access finds its bytes, like a plain load or store: what the op keeps is only
 * ever a region whose memory may be used so.  NULL: the fault has been raised.
 */
static inline void *atomic_at(struct op *op, struct vm *vm, uint64_t base, unsigned int k,
			      bool read)
{
	uint64_t at = base - op->lo;

	if (likely(at < op->lim && !(at & ((1u << k) - 1))))
		return op->host + at;
	return mem_slow_atomic(vm, op, 1u << k, read);
}

#define ATOMIC(name, suffix, type, k, expr)                                                        \
	op_ret op_##name##_##suffix(OP_ARGS)                                                       \
	{                                                                                          \
		type *p, s = (type)*op->src;                                                       \
                                                                                                   \
		vm->left = left;                                                                   \
		p = atomic_at(op, vm, *op->dst, k, false);                                         \
		if (unlikely(!p))                                                                  \
			OP_END;                                                                    \
		expr;                                                                              \
		OP_NEXT(1);                                                                        \
	}
#define ATOMIC_BOTH(name, expr)                                                                    \
	ATOMIC(name, w, uint32_t, 2, expr) ATOMIC(name, dw, uint64_t, 3, expr)
/*
 * Programs run one at a time, and nobody else writes to the memory meanwhile, so that nothing comes
 * between reading and writing here either, without a bus lock that costs as much as five other
 * instructions.
 */
ATOMIC_BOTH(atomic_add, *p += s)
ATOMIC_BOTH(atomic_or, *p |= s)
ATOMIC_BOTH(atomic_and, *p &= s)
ATOMIC_BOTH(atomic_xor, *p ^= s)
ATOMIC_BOTH(fetch_add, *op->src = *p; *p += s)
ATOMIC_BOTH(fetch_or, *op->src = *p; *p |= s)
ATOMIC_BOTH(fetch_and, *op->src = *p; *p &= s)
ATOMIC_BOTH(fetch_xor, *op->src = *p; *p ^= s)
ATOMIC_BOTH(xchg, *op->src = *p; *p = s)

/* The old value goes to r0, where the expected one was; 32 bits of it in any case. */
#define CMPXCHG(suffix, type, k)                                                                   \
	ATOMIC(cmpxchg, suffix, type, k, type old = *p; if (old == (type)vm->r[0]) *p = s;         \
	       vm->r[0] = old)
CMPXCHG(w, uint32_t, 2)
CMPXCHG(dw, uint64_t, 3)

#define ORDERED(name, type, k)                                                                     \
	op_ret op_acquire_##name(OP_ARGS)                                                          \
	{                                                                                          \
		const type *p;                                                                     \
                                                                                                   \
		vm->left = left;                                                                   \
		p = atomic_at(op, vm, *op->src, k, true);                                          \
		if (unlikely(!p))                                                                  \
			OP_END;                                                                    \
		*op->dst = __atomic_load_n(p, __ATOMIC_ACQUIRE);                                   \
		OP_NEXT(1);                                                                        \
	}                                                                                          \
	op_ret op_release_##name(OP_ARGS)                                                          \
	{                                                                                          \
		type *p, v = (type)*op->src;                                                       \
                                                                                                   \
		vm->left = left;                                                                   \
		p = atomic_at(op, vm, *op->dst, k, false);                                         \
		if (unlikely(!p))                                                                  \
			OP_END;                                                                    \
		__atomic_store_n(p, v, __ATOMIC_RELEASE);                                          \
		OP_NEXT(1);                                                                        \
	}
MEM_OPS(ORDERED)
