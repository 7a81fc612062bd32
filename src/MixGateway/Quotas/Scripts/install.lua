-- include: clock money call usage recount base owner
-- INSTALL: what the database says of an account and of some of its keys; whatever is older than what is known here is ignored.
-- Base, policy and each key carry versions of their own: an ACK raises the base's version, and a change of a key that
-- was committed before it and arrives after it must still take effect.
-- KEYS: account, calls, due. ARGV: clock, account, base, version, policy, spent, store, version of the last change that was no booking,
-- calls in flight whose records are in spent (id:charge;...), database (or ''), then per key: key, policy, spent.
-- Answers: ok, or foreign for a shard with calls of another database.
local account, base, version, store, changed = ARGV[2], ARGV[3], ARGV[4], ARGV[7], ARGV[8]
if refused(version) or refused(changed) then
  return redis.error_reply('a version must not be negative')
end
if is_foreign(ARGV[10]) then
  return 'foreign'
end
local known = redis.call('HMGET', KEYS[1], 'pend', 'ver', 'policy', 'u', 'store', 'ahead', 'held')
local ours, by_key
local booked_in_spent = {}
for id, charge in string.gmatch(ARGV[9], '(%x+):(%d+)') do
  booked_in_spent[id] = charge
end

-- The account's calls, read and parsed once, and only if something is to be counted.
local function calls()
  ours = ours or calls_of(redis.call('HGETALL', KEYS[2]), account)
  return ours
end

local function calls_of_key(key)
  if not by_key then
    by_key = {}
    for _, call in ipairs(calls()) do
      by_key[call[KEY]] = by_key[call[KEY]] or {}
      table.insert(by_key[call[KEY]], call)
    end
  end
  return by_key[key] or {}
end

local function fresh(spent, some)
  local use = usage(false)
  local part = fields(spent)
  use[U_DAY], use[DAY_SPENT], use[U_MONTH], use[MONTH_SPENT], use[SPENT] = part[1], part[2], part[3], part[4], part[5]
  spend_of(some, use, booked_in_spent)
  use[RUNNING] = int(recount(some).running)
  return packed(use)
end

-- Both keys of the shard stay in being between calls: on Garnet a key that comes and goes fills the log, and a full log drops its oldest records.
redis.call('HSETNX', KEYS[2], '#', '1')
take_over(ARGV[10])
redis.call('ZADD', KEYS[3], 'NX', '+inf', '#')

local writes = {}
local function write(field, value)
  writes[#writes + 1] = field
  writes[#writes + 1] = value
end

-- Contents of another name may be older than what was acknowledged: keys that are revoked may be alive in them. Keys and usages
-- go; who needs one brings it in anew. The base and the policy are told by their versions, and pend and held fit the calls.
if store ~= '' and known[5] ~= store then
  if known[1] then
    local fields_here = redis.call('HGETALL', KEYS[1])
    for i = 1, #fields_here, 2 do
      local prefix = string.sub(fields_here[i], 1, 2)
      if prefix == 'k:' or prefix == 'u:' then
        redis.call('HDEL', KEYS[1], fields_here[i])
      end
    end
    known[4] = false
  end
  write('store', store)
end
if not known[1] then
  local sum = recount(calls())
  write('pend', sum.pend)
  write('held', sum.held)
end
-- Bookings are told by their own ACKs: a balance that counts some whose calls are still in flight here would count them twice. So it is
-- taken over for a change that is no booking, where nothing is in flight, and where an ACK that is missing does not come.
local ahead = known[6] or ''
local is_lost = not known[1] or (store ~= '' and known[5] ~= store)
local is_quiet = known[1] == '0' and known[7] == '0'
if not known[2] or (less(known[2], version) and (is_lost or is_quiet or overdue(ahead) or less(known[2], changed))) then
  local now_base, now_version, now_ahead = rebase(base, version, ahead)
  write('base', now_base)
  write('ver', now_version)
  write('ahead', now_ahead)
end
if not known[3] or less(fields(known[3])[1], version) then
  write('policy', version .. '|' .. ARGV[5])
end
if not known[4] then
  write('u', fresh(ARGV[6], calls()))
end

for i = 11, #ARGV, 3 do
  local key = ARGV[i]
  local have = redis.call('HMGET', KEYS[1], 'k:' .. key, 'u:' .. key)
  if not have[1] or less(fields(have[1])[1], version) then
    write('k:' .. key, version .. '|' .. ARGV[i + 1])
  end
  if not have[2] then
    write('u:' .. key, fresh(ARGV[i + 2], calls_of_key(key)))
  end
end

-- Since when it is here, at the latest: an account or a key that was just brought in is not one that nobody uses.
if #writes > 0 then
  write('in', int(now))
end
-- One write, so that an account is there as a whole or not at all.
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
end
return 'ok'
