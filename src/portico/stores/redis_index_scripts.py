"""How Redis keeps the index: many small things in few keys, since each key of Redis costs some 120 bytes.

Keys, all under the prefix; NAME and TAG are as in `redis_scripts`:

* `f` NAME: an entry, a string: number, end, tags, key, card.
* `b` N: what is filed under tags with few entries, a hash of TAG to NAMEs in their order. A tag's first bits
  say which of 16,384; in each there are so few that Redis keeps it as one block of bytes.
* `d` TAG, and `p` TAG FIRST: what is filed under a tag with more entries, in pages that are one block each:
  a sorted set of pages by their first number, and of NAMEs by number in each.
* `x` N: NAMEs by their end, sorted sets; which of 4,096, a name's first bits say. `expiry`: the earliest end
  in each of these, which sweeping follows.

A block is what Redis calls a ziplist or listpack. It keeps up to 128 small values in one by default; with
more, or set up otherwise, all works the same and takes more room.
"""

from portico.stores.redis_scripts import script

_INDEX = """
local SMALL, PAGE, NAME = 5, 120, 12
local expiry = prefix .. 'expiry'

local function bucket(tag)
  local high, low = string.byte(tag, 1, 2)
  return place('b', high * 64 + math.floor(low / 4))
end

local function expiry_of(name)
  local high, low = string.byte(name, 1, 2)
  return high * 16 + math.floor(low / 16)
end

local function split(names)
  local found = {}
  for at = 1, #names, NAME do
    table.insert(found, string.sub(names, at, at + NAME - 1))
  end
  return found
end

local function entry(name)
  local value = redis.call('GET', place('f', name))
  if not value then
    return nil
  end
  local number, expires, length, at = struct.unpack('>I7I7I2', value)
  local tags = split(string.sub(value, at, at + length - 1))
  local size, begin = struct.unpack('>I2', value, at + length)
  local key, card = string.sub(value, begin, begin + size - 1), string.sub(value, begin + size)
  return {number = number, expires = expires, tags = tags, key = key, card = card}
end

local function is_under(found, tag)
  for _, other in ipairs(found.tags) do
    if other == tag then
      return true
    end
  end
  return false
end

local function page(tag, first)
  return place('p', tag .. first)
end

-- The page in which a number stands, or would.
local function page_of(tag, number)
  local upto = string.format('%.0f', number)
  return redis.call('ZREVRANGEBYSCORE', place('d', tag), upto, '-inf', 'LIMIT', 0, 1)[1]
end

local function add_to_pages(tag, name, number, ttl)
  number = string.format('%.0f', number)
  local pages = place('d', tag)
  local first = redis.call('ZREVRANGE', pages, 0, 0)[1]
  if not first or redis.call('ZCARD', page(tag, first)) >= PAGE then
    first = number
    redis.call('ZADD', pages, number, first)
  end
  redis.call('ZADD', page(tag, first), number, name)
  lasts(page(tag, first), ttl)
  lasts(pages, ttl)
end

local function without(names, name)
  local rest = ''
  for _, other in ipairs(split(names)) do
    rest = rest .. (other ~= name and other or '')
  end
  return rest
end

local function add(tag, name, number, ttl)
  if redis.call('EXISTS', place('d', tag)) == 1 then
    return add_to_pages(tag, name, number, ttl)
  end
  local few = bucket(tag)
  local names = without(redis.call('HGET', few, tag) or '', name)
  if #names < SMALL * NAME then
    redis.call('HSET', few, tag, names .. name)
    return lasts(few, ttl)
  end
  redis.call('HDEL', few, tag)
  for _, other in ipairs(split(names)) do
    local found = entry(other)
    if found and is_under(found, tag) then
      add_to_pages(tag, other, found.number, redis.call('PTTL', place('f', other)))
    end
  end
  add_to_pages(tag, name, number, ttl)
end

local function take_out(tag, name, number)
  local few = bucket(tag)
  local names = redis.call('HGET', few, tag)
  if names then
    local rest = without(names, name)
    redis.call('HDEL', few, tag)
    if rest ~= '' then
      redis.call('HSET', few, tag, rest)
    end
    return
  end
  local first = page_of(tag, number)
  if first then
    redis.call('ZREM', page(tag, first), name)
    if redis.call('EXISTS', page(tag, first)) == 0 then
      redis.call('ZREM', place('d', tag), first)
    end
  end
end

local function untag(name, found)
  for _, tag in ipairs(found.tags) do
    take_out(tag, name, found.number)
  end
end

-- What is deleted first makes room for the rest, where a server is full.
local function drop(name)
  local found = entry(name)
  redis.call('DEL', place('f', name))
  redis.call('ZREM', place('x', expiry_of(name)), name)
  if found then
    untag(name, found)
  end
end
"""

FILE = script(
    _INDEX
    + """
local name, key, card, expires, ttl, tags = unpack(ARGV, 3)
local number, before, some = next_number(), entry(name), expiry_of(name)
if before then
  untag(name, before)
end
local numbers = struct.pack('>I7I7I2', number, expires, #tags)
redis.call('SET', place('f', name), numbers .. tags .. struct.pack('>I2', #key) .. key .. card, 'PX', ttl)
for _, tag in ipairs(split(tags)) do
  add(tag, name, number, ttl)
end
redis.call('ZADD', place('x', some), expires, name)
lasts(place('x', some), ttl)
redis.call('ZADD', expiry, 'LT', expires, some)
lasts(expiry, ttl)
"""
)

# Some of a tag: whether there may be more, after which number, and those found that live. What Redis dropped
# by itself is taken out, where this server may be written.
FIND = script(
    _INDEX
    + """
local tag, after, limit = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local entries = {}

local function look(name, number)
  local found = entry(name)
  if not found then
    return false
  end
  local same = is_under(found, tag) and (not number or found.number == number)
  if same and found.number > after and lives(found.expires) then
    table.insert(entries, {found.key, found.card, found.number, found.expires})
  end
  return same
end

local names = redis.call('HGET', bucket(tag), tag)
if names then
  for _, name in ipairs(split(names)) do
    if #entries < limit and not look(name) then
      redis.pcall('HSET', bucket(tag), tag, without(redis.call('HGET', bucket(tag), tag) or '', name))
    end
  end
  return {0, after, entries}
end

local pages = place('d', tag)
local from, looked_at, most = page_of(tag, after) or '-inf', 0, 2 + math.ceil(limit / PAGE)
local firsts = redis.call('ZRANGEBYSCORE', pages, from, '+inf', 'LIMIT', 0, most)
for _, first in ipairs(firsts) do
  local set, begin = page(tag, first), string.format('(%.0f', after)
  local some = redis.call('ZRANGEBYSCORE', set, begin, '+inf', 'WITHSCORES', 'LIMIT', 0, limit - looked_at)
  for at = 1, #some, 2 do
    local number = tonumber(some[at + 1])
    if not look(some[at], number) then
      redis.pcall('ZREM', set, some[at])
    end
    after, looked_at = number, looked_at + 1
  end
  if looked_at == limit then
    break
  end
  after = math.max(after, tonumber(first))
  if redis.call('EXISTS', set) == 0 then
    redis.pcall('ZREM', pages, first)
  end
end
return {(looked_at == limit or #firsts == most) and 1 or 0, string.format('%.0f', after), entries}
"""
)

DROP = script(_INDEX + "drop(ARGV[3])")

SWEEP = script(
    _INDEX
    + """
local swept, limit = 0, tonumber(ARGV[3])
while swept < limit do
  local some = redis.call('ZRANGEBYSCORE', expiry, '-inf', ARGV[2], 'LIMIT', 0, 1)[1]
  if not some then
    break
  end
  local set = place('x', some)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', set, '-inf', ARGV[2], 'LIMIT', 0, limit - swept)) do
    drop(name)
    swept = swept + 1
  end
  local earliest = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]
  redis.call('ZREM', expiry, some)
  if earliest then
    redis.call('ZADD', expiry, earliest, some)
  end
end
return swept
"""
)
