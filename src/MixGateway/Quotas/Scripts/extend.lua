-- include: clock money call
-- EXTEND: the owner is alive. Keeps what the call has cost so far and the record to book should its gateway die.
-- KEYS: account, calls, due. ARGV: clock, call, cost, lease, record.
if refused(ARGV[3]) then
  return redis.error_reply('a cost must not be negative')
end
local known = redis.call('HGET', KEYS[2], ARGV[2])
local call = known and parse(known)
if not call or call[STATE] == 'X' then
  return 'missing'
end
if call[STATE] == 'A' then
  return 'abandoned'
end
if call[STATE] == 'S' then
  return 'ok'
end
call[COST] = ARGV[3]
redis.call('HSET', KEYS[2], ARGV[2], pack(call, ARGV[5]))
redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[4])), ARGV[2])
if call[STOP] ~= '0' then
  return 'stopped'
end
local policy = redis.call('HGET', KEYS[1], 'policy')
if policy and fields(policy)[2] ~= 'A' then
  return 'suspended'
end
return 'ok'
