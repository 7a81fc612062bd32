-- Whose calls a shard holds is the value of the member '#', which keeps its hash of calls (KEYS[2]) in being: a database, or '1' while
-- nobody has said so. A gateway of another database neither brings anything in nor takes anything out.
local function is_foreign(database)
  local owner = database ~= '' and redis.call('HGET', KEYS[2], '#')
  return owner and owner ~= '1' and owner ~= database
end

local function take_over(database)
  if database ~= '' and redis.call('HGET', KEYS[2], '#') ~= database then
    redis.call('HSET', KEYS[2], '#', database)
  end
end
