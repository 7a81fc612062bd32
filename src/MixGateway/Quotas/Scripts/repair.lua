-- include: clock money call usage recount
-- REPAIR: makes an account's counters what its calls say, and puts calls without a due time up for the next sweep.
-- KEYS: account, calls, due. ARGV: clock, account, lease.
-- Lua hands some thousands of values to one command at most, and an account may have more keys than that.
local PIECE = 1000
local a = redis.call('HMGET', KEYS[1], 'base', 'pend', 'held')
if not a[2] then
  return 'load'
end
local all = redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  if all[i] ~= '#' then
    redis.call('ZADD', KEYS[3], 'NX', int(now + tonumber(ARGV[3])), all[i])
  end
end
local sum = recount(calls_of(all, ARGV[2]))
local writes = {'pend', sum.pend, 'held', sum.held}
local account = redis.call('HGETALL', KEYS[1])
for i = 1, #account, 2 do
  local name = account[i]
  if name == 'u' or string.sub(name, 1, 2) == 'u:' then
    local running = sum.running
    if name ~= 'u' then
      running = sum.by_key[string.sub(name, 3)] or 0
    end
    local use = nine(account[i + 1])
    if use[RUNNING] ~= int(running) then
      use[RUNNING] = int(running)
      writes[#writes + 1] = name
      writes[#writes + 1] = packed(use)
    end
  end
end
for from = 1, #writes, PIECE do
  redis.call('HSET', KEYS[1], unpack(writes, from, math.min(from + PIECE - 1, #writes)))
end
return 'ok|' .. a[2] .. '|' .. a[3] .. '|' .. sum.pend .. '|' .. sum.held
