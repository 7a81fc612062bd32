-- include: call
-- STOP: asks the owner, at its next heartbeat, to end a call as if its caller had left.
-- KEYS: swept (untouched), calls. ARGV: clock, call.
local known = redis.call('HGET', KEYS[2], ARGV[2])
if not known then
  return 'missing'
end
local call, record = parse(known)
if call[STATE] ~= 'H' or call[KIND] ~= 'C' then
  return 'missing'
end
call[STOP] = '1'
redis.call('HSET', KEYS[2], ARGV[2], pack(call, record))
return 'ok'
