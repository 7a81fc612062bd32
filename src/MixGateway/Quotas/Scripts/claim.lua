-- include: clock money call owner
-- CLAIM: lists what is due in a shard. If nobody swept for more than half a lease, the store or every gateway was away:
-- living owners had no way to say that they are, and what runs gets one more lease.
-- KEYS: swept, calls, due. ARGV: clock, lease, grace, limit, database (or '').
-- Answers: 'grace' or 'due', the number of calls in the shard, how many were due, then call and payload by turns; 'foreign' and nothing else
-- if the calls are those of another database. A shard without calls is taken over.
local lease = tonumber(ARGV[2])
local swept = redis.call('GET', KEYS[1])
local size = redis.call('HLEN', KEYS[2]) - redis.call('HEXISTS', KEYS[2], '#')
if size > 0 and is_foreign(ARGV[5]) then
  return {'foreign', int(size), '0'}
end
take_over(ARGV[5])
redis.call('SET', KEYS[1], int(now))

if not swept or now - tonumber(swept) > lease / 2 then
  local members = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', int(now + lease))
  for _, id in ipairs(members) do
    local payload = redis.call('HGET', KEYS[2], id)
    if payload and parse(payload)[STATE] == 'H' then
      redis.call('ZADD', KEYS[3], int(now + lease), id)
    end
  end
  return {'grace', int(size), '0'}
end

-- The clock went back: it was set, or another server with its own took over. What was due by the old one would stay for that long.
if tonumber(swept) > now then
  local members = redis.call('ZRANGEBYSCORE', KEYS[3], int(now + lease), '+inf')
  for _, id in ipairs(members) do
    if id ~= '#' then
      redis.call('ZADD', KEYS[3], int(now + lease), id)
    end
  end
end

local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', int(now), 'LIMIT', 0, tonumber(ARGV[4]))
local answer = {'due', int(size), int(#due)}
for _, id in ipairs(due) do
  local payload = redis.call('HGET', KEYS[2], id)
  local state = payload and parse(payload)[STATE]
  if not state or state == 'X' then
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
  else
    if state ~= 'H' then
      redis.call('ZADD', KEYS[3], int(now + tonumber(ARGV[3])), id)
    end
    answer[#answer + 1] = id
    answer[#answer + 1] = payload
  end
end
return answer
