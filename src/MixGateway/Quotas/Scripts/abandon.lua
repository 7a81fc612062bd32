-- include: clock money call usage
-- ABANDON: HELD and past its lease -> ABANDONED. Frees the running slot and no money: that stays held until the call is booked.
-- KEYS: account, calls, due. ARGV: clock, call, grace. Answers the payload to book, or nothing.
local known = redis.call('HGET', KEYS[2], ARGV[2])
local due = redis.call('ZSCORE', KEYS[3], ARGV[2])
if not known then
  return ''
end
local call, record = parse(known)
if call[STATE] ~= 'H' or (due and tonumber(due) > now) then
  return ''
end
local writes = usages(call, function(use)
  bump(use, RUNNING, -1)
end)
call[STATE] = 'A'
local payload = pack(call, record)
redis.call('HSET', KEYS[2], ARGV[2], payload)
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[3])), ARGV[2])
if #writes > 0 then
  redis.call('HSET', KEYS[1], unpack(writes))
end
return payload
