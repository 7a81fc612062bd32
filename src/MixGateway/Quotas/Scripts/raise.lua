-- include: money call usage room
-- RAISE: a call turned out dearer than its hold; takes as much more as is available and as its spend limits leave, so that the books
-- may charge it.
-- KEYS: account, calls, due (untouched). ARGV: clock, call, cost.
if refused(ARGV[3]) then
  return redis.error_reply('a cost must not be negative')
end
local known = redis.call('HGET', KEYS[2], ARGV[2])
local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held')
local call, record
if known then
  call, record = parse(known)
end
if not call or call[STATE] == 'X' or not a[2] then
  return 'missing'
end
if call[STATE] == 'A' then
  return 'abandoned'
end
if call[STATE] == 'S' then
  return 'ok|' .. call[COST]
end
local more = sub(ARGV[3], call[HOLD])
if less('0', more) then
  more = lesser(more, room(call, sub(sub(a[1], a[2]), a[3])))
end
if less('0', more) then
  local writes = usages(call, function(use)
    spend(use, call[DAY], call[MONTH], more)
  end)
  call[HOLD] = add(call[HOLD], more)
  redis.call('HSET', KEYS[1], 'held', add(a[3], more), unpack(writes))
  redis.call('HSET', KEYS[2], ARGV[2], pack(call, record))
end
return 'ok|' .. call[HOLD]
