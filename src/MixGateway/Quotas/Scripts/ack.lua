-- include: money call usage
-- ACK: the database has the record. Forgets the call, gives back what it held, and takes over the base if it is newer.
-- KEYS: account, calls, due. ARGV: clock, call, base, version, charged.
if refused(ARGV[4]) or refused(ARGV[5]) then
  return redis.error_reply('a version and a charge must not be negative')
end
local known = redis.call('HGET', KEYS[2], ARGV[2])
local a = redis.call('HMGET', KEYS[1], 'base', 'ver', 'pend', 'held')
local call = known and parse(known)
if call and call[STATE] == 'X' then
  call = nil
end
if call then
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
end
if not a[1] then
  return 'ok'
end

local writes = {}
if call then
  local before = call[HOLD]
  if call[STATE] == 'S' then
    before = call[COST]
    writes = {'pend', sub(a[3], before)}
  else
    writes = {'held', sub(a[4], before)}
  end
  local changes = usages(call, function(use)
    if call[STATE] == 'H' then
      bump(use, RUNNING, -1)
    end
    spend(use, call[DAY], call[MONTH], sub(ARGV[5], before))
  end)
  for _, value in ipairs(changes) do
    writes[#writes + 1] = value
  end
end
if less(a[2], ARGV[4]) then
  writes[#writes + 1] = 'base'
  writes[#writes + 1] = ARGV[3]
  writes[#writes + 1] = 'ver'
  writes[#writes + 1] = ARGV[4]
end
-- Hold and base change in one write: a hold given back before the charge shows in the base could be spent twice.
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
end
return 'ok'
