"""What Redis does by itself: each method that writes is one Lua script, so it happens as a whole.

Keys, all under the prefix. NAME and TAG are 12 raw bytes: hashes of what the ports call a key and a tag.

* `number`: the last number given. Versions, fences and the order of writing come from it.
* `s` NAME, `v` KEY: records of sessions and visits. `m` KEY: messages. `t` NAME: timelines. Strings, whose
  first bytes are numbers; Redis keeps a string in less room than a hash.
* `l` KEY: leases, hashes. `c` NAME: counts, strings that are a moment.
* `V` TAG: visits by number, sorted sets. `due`: messages, by the time they are due.
* What the index has: `redis_index_scripts`.

Moments are microseconds since 1970, as the caller's clock has it. What expires has a `PEXPIRE` a while
beyond its end, after which Redis drops it: nobody has to sweep that.
"""

import hashlib
from dataclasses import dataclass, field

_PRELUDE = """
local prefix, now = ARGV[1], tonumber(ARGV[2])
local counter, due = prefix .. 'number', prefix .. 'due'

local function place(kind, key)
  return prefix .. kind .. key
end

-- At least the clock's milliseconds: a server that lost its last writes does not give their numbers again.
local function next_number()
  local last = tonumber(redis.call('GET', counter) or 0)
  local number = string.format('%.0f', math.max(last + 1, math.floor(now / 1000)))
  redis.call('SET', counter, number)
  return number
end

local function lives(expires)
  return expires and tonumber(expires) > now
end

local function lasts(at, ttl)
  if redis.call('PTTL', at) < tonumber(ttl) then
    redis.call('PEXPIRE', at, ttl)
  end
end
"""

_RECORDS = """
-- Version, end and tag of a record; nil without one.
local function head(kind, key)
  local found = redis.call('GETRANGE', place(kind, key), 0, 15)
  if found == '' then
    return nil
  end
  local version, expires, length = struct.unpack('>I7I7I2', found)
  local tag = length > 0 and redis.call('GETRANGE', place(kind, key), 16, 15 + length)
  return string.format('%.0f', version), expires, tag
end

local function untag(key, tag)
  if tag then
    redis.call('ZREM', place('V', tag), key)
  end
end
"""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and the name that Redis knows it by once it has seen it."""

    text: str = field(repr=False)
    sha: str


def script(body: str) -> Script:
    """A script that begins with what all of them know."""
    text = _PRELUDE + body
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


NUMBER = script("return next_number()")

# The record if it has the expected version; '' stands for an absent one.
WRITE = script(
    _RECORDS
    + """
local kind, key, expected, blob, expires, ttl, tag = unpack(ARGV, 3)
local version, ends, before = head(kind, key)
if (lives(ends) and version or '') ~= expected then
  return false
end
local number = next_number()
untag(key, before)
local numbers = struct.pack('>I7I7I2', number, expires, #tag)
redis.call('SET', place(kind, key), numbers .. tag .. blob, 'PX', ttl)
if tag ~= '' then
  redis.call('ZADD', place('V', tag), number, key)
  lasts(place('V', tag), ttl)
end
return number
"""
)

DELETE = script(
    _RECORDS
    + """
local kind, key = ARGV[3], ARGV[4]
local _, _, tag = head(kind, key)
redis.call('DEL', place(kind, key))
untag(key, tag)
"""
)

OLDEST = script(
    _RECORDS
    + """
local tag, keep = ARGV[3], tonumber(ARGV[4])
local set, found, oldest = place('V', tag), {}, {}
for _, key in ipairs(redis.call('ZRANGE', set, 0, -1)) do
  local version, expires = head('v', key)
  if not version then
    redis.pcall('ZREM', set, key)
  elseif lives(expires) then
    table.insert(found, key)
  end
end
for at = 1, #found - keep do
  oldest[at] = found[at]
end
return oldest
"""
)

LEASE = script("""
local key, owner, expires, ttl = unpack(ARGV, 3)
local at = place('l', key)
if lives(redis.call('HGET', at, 'expires')) then
  return false
end
local fence = next_number()
redis.call('HSET', at, 'owner', owner, 'expires', expires)
redis.call('PEXPIRE', at, ttl)
return fence
""")

GIVE_BACK = script("""
local at = place('l', ARGV[3])
if redis.call('HGET', at, 'owner') == ARGV[4] then
  redis.call('DEL', at)
end
""")

SEND = script("""
local key, blob, due_at, expires, ttl = unpack(ARGV, 3)
redis.call('SET', place('m', key), struct.pack('>I7I4', expires, 0) .. blob, 'PX', ttl)
redis.call('ZADD', due, due_at, key)
lasts(due, ttl)
""")

# Those that are taken stay where they are until all are found, so that each is met once.
DUE = script("""
local limit, held_until = tonumber(ARGV[3]), ARGV[4]
local handed = {}
while #handed < limit do
  local keys = redis.call('ZRANGEBYSCORE', due, '-inf', ARGV[2], 'LIMIT', #handed, limit - #handed)
  if #keys == 0 then
    break
  end
  for _, key in ipairs(keys) do
    local message = redis.call('GET', place('m', key))
    local expires, attempts, at
    if message then
      expires, attempts, at = struct.unpack('>I7I4', message)
    end
    if lives(expires) then
      table.insert(handed, {key, string.sub(message, at), attempts})
    else
      redis.call('ZREM', due, key)
    end
  end
end
for _, entry in ipairs(handed) do
  redis.call('ZADD', due, held_until, entry[1])
  redis.call('SETRANGE', place('m', entry[1]), 7, struct.pack('>I4', entry[3] + 1))
end
return handed
""")

LATER = script("""
if redis.call('EXISTS', place('m', ARGV[3])) == 1 then
  redis.call('ZADD', due, ARGV[4], ARGV[3])
end
""")

DONE = script("""
redis.call('DEL', place('m', ARGV[3]))
redis.call('ZREM', due, ARGV[3])
""")

# Its end, how many entries there are, and each with its length before it.
APPEND = script("""
local key, entry, expires, ttl, most = unpack(ARGV, 3)
local at, ends, count, entries, from = place('t', key), 0, 0, '', 1
local before = redis.call('GET', at)
if before and lives((struct.unpack('>I7', before))) then
  ends, count, from = struct.unpack('>I7I2', before)
  entries, from = string.sub(before, from), 1
  ttl = math.max(tonumber(ttl), redis.call('PTTL', at))
end
entries, count = entries .. struct.pack('>I3', #entry) .. entry, count + 1
while count > tonumber(most) do
  local length, first = struct.unpack('>I3', entries, from)
  count, from = count - 1, first + length
end
local numbers = struct.pack('>I7I2', math.max(ends, tonumber(expires)), count)
redis.call('SET', at, numbers .. string.sub(entries, from), 'PX', ttl)
""")

# How long until there is one of each, and one of each is taken if there is now.
TAKE = script("""
local wait, moved = 0, {}
for at = 3, #ARGV, 3 do
  local every, most = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local before = tonumber(redis.call('GET', place('c', ARGV[at])) or 0)
  local to = math.max(before, now) + every
  moved[at] = to
  wait = math.max(wait, to - most - now)
end
if wait <= 0 then
  for at, to in pairs(moved) do
    local left = math.ceil((to - now) / 1000)
    redis.call('SET', place('c', ARGV[at]), string.format('%.0f', to), 'PX', string.format('%.0f', left))
  end
end
return wait
""")
